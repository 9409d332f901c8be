import ArgumentParser
import Dashboard
import FlowMonitor
import Foundation
import QueueClient
import Redis

/// `bullflow find QUERY…`.
struct Find: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Finds jobs in all queues: by an id, or by a filter.",
    discussion: """
      bullflow find 3f2a…; bullflow find state:failed name:paint 'error~ECONN' data.user.id=7 'queue:mail*' older:1h

      A word alone is a job's id, or its whole key. Else all terms must hold; ! before one negates it. FIELD:VALUE is like \
      it (* any text, ? one character, commas between several), = exactly it, ~ holds it, < > <= >= compare numbers. Fields: \
      state, queue, name, id, error, data, result, progress and opts (these four with paths: data.user.id), worker, parent, \
      attempts, priority; older and newer ask since when a job has ended or, where it has not, has been there (90s, 15m, \
      1h30m, 2d). A word without a sign is looked for in ids, names and errors. What stands in "…" means itself. @NAME is a \
      filter of [filters] in the settings.

      Jobs are printed as they are found; with --limit 1 an id that is found ends the search at once, else all queues are \
      looked for. A filter leaves Redis four fifths of its time. Exits with 1 where there is none.
      """)

  @OptionGroup var common: CommonOptions
  @Argument(help: ArgumentHelp("An id, or the terms of a filter.", valueName: "query")) var query: [String]
  @Option(help: "How many jobs at the most.") var limit = 1000
  @Flag(help: "Print only how many there are.") var count = false
  @Flag(help: "As JSON, a line for each job.") var json = false
  @Flag(help: "Draw with ASCII alone.") var ascii = false
  @Flag(help: "Print secrets, too, which are hidden by the names before them (mask in the settings).")
  var showSecrets = false

  func validate() throws {
    if limit < 1 { throw ValidationError("--limit must be at least 1") }
  }

  func run() async throws {
    let settings = try common.resolved()
    let filter: JobFilter
    do {
      filter = try JobFilter(query.joined(separator: " "), prefix: settings.prefix, saved: settings.file.filters)
    } catch {
      throw Failure(what: "find", why: error.description, code: .usage)
    }
    let client = settings.client()
    defer { client.close() }
    let search = JobSearch(
      redis: client, filter: filter,
      configuration: MonitorConfiguration(prefix: settings.prefix, cacheFolder: QueueCache.folder()),
      most: count ? 0 : limit)
    let last = try await show(search, masking: showSecrets ? .none : settings.file.masking)
    if count { try StandardStreams.writeLine(json ? JSON.int(last.matches).text : "\(last.matches)") }
    if last.unread > 0 {
      Warning.tell("\(Formatting.count(last.unread)) jobs may match too: their texts are too long to be read")
    }
    if !last.isComplete { Warning.tell("stopped at --limit \(limit); there may be more") }
    if last.matches == 0, !count { throw Failure(what: "find", why: nothing(last, filter), code: .refused) }
    if last.matches == 0 { throw ExitCode(1) }
  }

  /// Prints what is found, and tells how far it has come where somebody watches.
  ///
  /// - Returns: how far it came.
  private func show(_ search: JobSearch, masking: Masking) async throws -> SearchProgress {
    let isWatched = isatty(STDERR_FILENO) == 1
    let clear = isWatched ? "\r\u{1B}[K" : ""
    func tell(_ words: String) { FileHandle.standardError.write(Data((clear + words).utf8)) }
    var progress = SearchProgress()
    var printed = 0
    for try await step in search {
      progress = step.progress
      if isWatched, !step.found.isEmpty { tell("") }
      for job in step.found.map(masking.masked) {
        try StandardStreams.writeLine(json ? JSON(found: job).printed : line(of: job))
        printed += 1
      }
      if isWatched { tell(progress.isComplete ? "" : words(progress)) }
      if !count, printed >= limit { break }
    }
    if isWatched { tell("") }
    return progress
  }

  private func words(_ progress: SearchProgress) -> String {
    let jobs =
      progress.total > 0
      ? "looked at \(Formatting.count(progress.looked)) of \(Formatting.count(progress.total)) jobs"
      : "looking for queues"
    return "\(jobs), \(Formatting.count(progress.matches)) found; Ctrl-C stops"
  }

  private func nothing(_ progress: SearchProgress, _ filter: JobFilter) -> String {
    let queues = progress.queues == 1 ? "1 queue" : "\(Formatting.count(progress.queues)) queues"
    if let id = filter.soleID {
      return "no job has the id '\(id)' in \(queues); name~TEXT and error~TEXT look elsewhere"
    }
    return "no job matches, of \(Formatting.count(progress.looked)) looked at in \(queues)"
  }

  private func line(of job: FlowJob) -> String {
    func clean(_ text: String) -> String { CleanText.line(text, isASCII: ascii) }
    var line = "\(CleanText.sign(of: job.state, isASCII: ascii)) \(clean(job.name))"
    line += "  \(clean("\(job.key.queue.name)/\(job.key.id)"))  \(job.state.rawValue)"
    if let reason = job.failedReason, job.state == .failed { line += "  \(clean(reason))" }
    if let value = job.returnvalue, job.state == .completed, value != .null { line += "  = \(clean(value.text))" }
    return line
  }
}

extension JSON {
  /// A job that was found.
  fileprivate init(found job: FlowJob) {
    func number(_ number: Int?) -> JSON { number.map { .int($0) } ?? .null }
    self = [
      "key": .string(job.key.description), "id": .string(job.key.id), "name": .string(job.name),
      "queueName": .string(job.key.queue.name), "prefix": .string(job.key.queue.prefix),
      "state": .string(job.state.rawValue), "timestamp": number(job.timestamp), "processedOn": number(job.processedOn),
      "finishedOn": number(job.finishedOn), "attemptsMade": .int(job.attemptsMade), "progress": job.progress ?? .null,
      "data": job.data ?? .null, "returnvalue": job.returnvalue ?? .null,
      "failedReason": job.failedReason.map { .string($0) } ?? .null,
      "parentKey": job.parentKey.map { .string($0.description) } ?? .null, "isParent": .bool(job.isParent),
    ]
  }
}
