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
    /// For each job that was added, begun or ended while it was in the window: how long after that the picture showed
    /// it, in milliseconds.
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
      var known: [JobKey: Int] = [:]
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
        // Of what comes into sight nobody knows when it might have.
        known = known.filter { picture.jobs[$0.key] != nil }
        for (key, job) in picture.jobs {
          let latest = max(job.timestamp ?? 0, job.processedOn ?? 0, job.finishedOn ?? 0)
          if let before = known[key], before != latest, report.discovered > 0 {
            report.staleness.append(now - Double(latest))
          }
          known[key] = latest
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
