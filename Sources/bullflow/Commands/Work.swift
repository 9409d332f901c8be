import ArgumentParser
import Foundation
import Logging
import QueueClient
import Redis

struct Work: AsyncParsableCommand, EndingInItsOwnTime {
  static let configuration = CommandConfiguration(
    abstract: "Works queues off with a program: bullflow work QUEUE… -- PROGRAM ARGUMENTS",
    discussion: """
      Each job's JSON is the program's standard input, its standard output the return value (JSON, else text). A \
      non-zero exit is a failed attempt, with the last line of standard error as the reason. A program that cannot be \
      started any more fails attempts, a few a second at the most, but no job: one at its last attempt is put back, \
      unless --until-drained waits for its end.

      At SIGINT (Ctrl-C), SIGTERM or SIGHUP all workers take no more jobs and let those in hand end; what has not ended \
      after 25 s is stopped and handed back, so that all is over within 30 s. The exit code is then 0; it is 2, and the \
      jobs are named, where Redis is away or takes no changes and the ends of jobs cannot be recorded. A second signal \
      ends it at once, with 128 plus the signal's number; what was in hand is recovered by other workers when its locks have run out.
      """)

  @OptionGroup var common: CommonOptions
  @Argument(help: ArgumentHelp("The queues; behind --, the program and its arguments.", valueName: "queue"))
  var words: [String] = []

  @Option(help: "How many jobs of a queue at once.") var concurrency = 1
  @Flag(help: "End when the queues have nothing left to do.") var untilDrained = false

  /// How long jobs in hand may take to end: with the rest, an end takes less than the 30 s that Docker and Kubernetes
  /// give.
  private static let patience = Duration.seconds(25)

  /// How many words stand behind `--`: ArgumentParser takes but one list of words, and drops the mark in it.
  private static var programCount: Int { CommandLine.arguments.drop { $0 != "--" }.dropFirst().count }
  private var queues: [String] { words.dropLast(Self.programCount) }
  private var program: [String] { words.suffix(Self.programCount) }

  func validate() throws {
    for queue in queues { _ = try Given.queueName(queue) }
    if queues.isEmpty { throw ValidationError("which queue? bullflow work QUEUE… -- PROGRAM ARGUMENTS") }
    if program.isEmpty { throw ValidationError("which program? bullflow work QUEUE… -- PROGRAM ARGUMENTS") }
    if !(1...10_000).contains(concurrency) { throw ValidationError("--concurrency must be in 1...10000") }
  }

  func run() async throws {
    let logger = Logger(label: "bullflow") { StreamLogHandler.standardError(label: $0) }
    let runner = ProgramRunner(
      program: try Program(program), logger: logger, mayFailUnstarted: untilDrained)
    let settings = try common.resolved()
    try settings.allowChange("work")
    let client = settings.client()
    defer { client.close() }
    EndSignals.beforeForcedEnd(runner.killAll)
    guard case .done = try await EndSignals.ending({ try await client.reach() }) else { return }
    let workers = Set(queues).map { queue in
      Worker(
        queue, connection: client, prefix: settings.prefix,
        configuration: WorkerConfiguration(
          concurrency: concurrency, name: "bullflow-work", shutdownLimit: Self.patience), logger: logger
      ) { job in try await runner.run(job) }
    }
    let results = await withTaskGroup(of: Result<Void, any Error>.self) { group in
      for worker in workers { group.addTask { await Self.result(of: worker) } }
      let end = await end(of: workers.map(\.queue), client)
      await Self.close(workers)
      return await group.reduce(into: [end]) { $0.append($1) }
    }
    let errors = results.compactMap { result in
      if case .failure(let error) = result { error } else { nil }
    }
    let unrecorded = errors.compactMap { $0 as? UnrecordedJobs }
    if !unrecorded.isEmpty { throw UnrecordedJobs(joining: unrecorded) }
    if let first = errors.first { throw first }
  }

  private static func result(of worker: Worker) async -> Result<Void, any Error> {
    do { return .success(try await worker.run()) } catch { return .failure(error) }
  }

  /// Waits for a signal, or until there is nothing left to do where that is wanted.
  private func end(of queues: [QueueKey], _ client: RedisClient) async -> Result<Void, any Error> {
    do {
      if untilDrained {
        _ = try await EndSignals.ending { try await Self.drained(queues, client) }
      } else {
        _ = await EndSignals.first()
      }
      return .success(())
    } catch {
      return .failure(error)
    }
  }

  /// All at once: none takes jobs while others end.
  private static func close(_ workers: [Worker]) async {
    await withDiscardingTaskGroup { group in
      for worker in workers { group.addTask { await worker.close() } }
    }
  }

  /// Waits until nothing is ready, due or in hand.
  private static func drained(_ queues: [QueueKey], _ client: RedisClient) async throws {
    let places: [QueueKey.Suffix] = [.wait, .active, .prioritized, .delayed, .waitingChildren]
    let keys = queues.flatMap { queue in places.map { queue[$0] } }
    while try await client.send(RedisCommand("EXISTS", keys)).int ?? 0 > 0 {
      try await Task.sleep(for: .milliseconds(50))
    }
  }
}
