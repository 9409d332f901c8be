import ArgumentParser
import FlowMonitor
import Foundation
import QueueClient
import Redis

/// A viewer without a terminal, as a process of its own: watches, and says what it cost when its standard input ends.
struct Viewer: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "viewer", abstract: "A monitor with a window of 48 rows and no terminal.", shouldDisplay: false)

  @Argument(help: "The socket of the Redis.") var socket: String
  @Option(help: "Looks through all it shows every so many seconds, instead of following it.") var polling: Int?

  /// What a viewer says: when its window was filled, when all was known, and what it cost in all.
  struct Report: Codable {
    var firstPicture = 0.0
    var discovered = 0.0
    var cpu = 0.0
    var peakKilobytes = 0
    var pictures = 0
    var elapsed = 0.0
    /// For each flow that appeared while it watched: how long after it was added, in milliseconds.
    var staleness: [Double] = []
  }

  func run() async throws {
    let start = ContinuousClock.now
    let redis = RedisClient(
      configuration: RedisConfiguration(
        endpoint: RedisEndpoint(address: .unix(path: socket)), clientName: "bullflow-viewer"))
    let (lines, sink) = AsyncStream<Void>.makeStream()
    Thread.detachNewThread {
      // Not by readLine: it holds stdin's lock while it waits, which a flush of all streams would wait for.
      while !FileHandle.standardInput.availableData.isEmpty { sink.yield() }
      sink.finish()
    }
    var report = polling == nil ? await watch(redis, since: start, until: lines) : await poll(redis, until: lines)
    report.elapsed = (ContinuousClock.now - start).seconds
    print(String(decoding: try JSONEncoder().encode(report), as: UTF8.self))
  }

  private var window: Window {
    var window = Window()
    window.height = 48
    window.order = .newest
    return window
  }

  private func watch(
    _ redis: RedisClient, since start: ContinuousClock.Instant, until lines: AsyncStream<Void>
  ) async -> Report {
    let monitor = FlowMonitor(redis: redis, configuration: MonitorConfiguration(notifications: .enable))
    await monitor.look(through: window)
    let running = Task { await monitor.run() }
    let watching = Task {
      var report = Report()
      var known: Set<JobKey> = []
      for await picture in monitor.pictures {
        let isFilled = !picture.flows.roots.isEmpty && !picture.jobs.isEmpty
        let elapsed = (ContinuousClock.now - start).seconds
        report.pictures += 1
        if report.firstPicture == 0, isFilled {
          report.firstPicture = elapsed
          print("first")
          fflush(nil)
        }
        if report.discovered == 0, isFilled, picture.discovery.isComplete {
          report.discovered = elapsed
          print("discovered")
          fflush(nil)
        }
        let now = Date().timeIntervalSince1970 * 1000
        for root in picture.flows.roots where known.insert(root).inserted && report.discovered > 0 {
          if let added = picture.jobs[root]?.timestamp, now - Double(added) < 10_000 {
            report.staleness.append(now - Double(added))
          }
        }
      }
      return report
    }
    for await _ in lines {}
    running.cancel()
    return Self.withCost(await watching.value)
  }

  /// What the simplest viewer does: reads all it shows again, every few seconds.
  private func poll(_ redis: RedisClient, until lines: AsyncStream<Void>) async -> Report {
    print("first\ndiscovered")
    fflush(nil)
    let window = window
    let interval = polling ?? 3
    let polling = Task {
      var report = Report()
      while !Task.isCancelled {
        let monitor = FlowMonitor(redis: redis)
        if (try? await monitor.picture(of: window)) != nil { report.pictures += 1 }
        try? await Task.sleep(for: .seconds(interval))
      }
      return report
    }
    for await _ in lines {}
    polling.cancel()
    return Self.withCost(await polling.value)
  }

  private static func withCost(_ report: Report) -> Report {
    var report = report
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    report.cpu = seconds(usage.ru_utime) + seconds(usage.ru_stime)
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let peak = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    report.peakKilobytes = peak.flatMap { Int($0.filter(\.isNumber)) } ?? 0
    return report
  }
}
