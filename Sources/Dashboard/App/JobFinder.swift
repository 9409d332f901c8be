import FlowMonitor
import QueueClient

/// What the dashboard needs to find jobs in the whole Redis.
public struct JobFinder: Sendable {
  /// Looks for jobs, and tells each step; stops when its task is cancelled.
  public var search: @Sendable (FindRequest, @escaping @Sendable (JobSearch.Step) -> Void) async throws -> Void
  /// Reads jobs as they are now; those that are gone are left out.
  public var read: @Sendable ([JobKey]) async throws -> [JobKey: FlowJob]
  /// The way from the root of a job's flow down to it.
  public var chain: @Sendable (JobKey) async throws -> [JobKey]

  /// A finder from its parts.
  public init(
    search: @escaping @Sendable (FindRequest, @escaping @Sendable (JobSearch.Step) -> Void) async throws -> Void,
    read: @escaping @Sendable ([JobKey]) async throws -> [JobKey: FlowJob],
    chain: @escaping @Sendable (JobKey) async throws -> [JobKey]
  ) {
    self.search = search
    self.read = read
    self.chain = chain
  }

  /// Finds nothing.
  public static let none = JobFinder(search: { _, _ in }, read: { _ in [:] }, chain: { [$0] })
}

/// A search that somebody asks for.
public struct FindRequest: Sendable, Hashable {
  /// Which search: what comes of earlier ones is no longer wanted.
  public var number: Int
  /// What is looked for.
  public var filter: JobFilter
  /// All queues, where they are known.
  public var queues: [QueueKey]?
  /// How many jobs are wanted at the most; more are counted.
  public var most: Int
}

/// What is under way for the view of what was found.
struct FindTasks {
  private var search: Task<Void, Never>?
  private var reading: Task<Void, Never>?
  private var climbing: Task<Void, Never>?

  /// Does what an effect asks for, beside; what was asked before is given up.
  mutating func perform(_ effect: FindEffect, by finder: JobFinder, to mailbox: Mailbox) {
    switch effect {
    case .search(let request):
      search?.cancel()
      search = Task {
        do {
          try await finder.search(request) { mailbox.put(.find(.step(request.number, $0))) }
          mailbox.put(.find(.ended(request.number, nil)))
        } catch {
          if !Task.isCancelled { mailbox.put(.find(.ended(request.number, "\(error)"))) }
        }
      }
    case .stop:
      search?.cancel()
      climbing?.cancel()
    case .read(let keys):
      reading?.cancel()
      reading = Task {
        if let jobs = try? await finder.read(keys), !Task.isCancelled { mailbox.put(.find(.read(keys, jobs))) }
      }
    case .climb(let key):
      climbing?.cancel()
      climbing = Task {
        do {
          let chain = try await finder.chain(key)
          if !Task.isCancelled { mailbox.put(.find(.chain(key, chain))) }
        } catch {
          if !Task.isCancelled { mailbox.put(.notice("\(error)", isError: true)) }
        }
      }
    }
  }

  func cancel() { for task in [search, reading, climbing] { task?.cancel() } }
}

/// What is to be done for the view of what was found.
public enum FindEffect: Sendable, Hashable {
  /// Look for jobs.
  case search(FindRequest)
  /// Look for them no longer.
  case stop
  /// Read jobs that were found again.
  case read([JobKey])
  /// Find the way from the root of a job's flow to it.
  case climb(JobKey)
}

/// What came of it.
public enum FindMessage: Sendable {
  /// A search has come so far.
  case step(Int, JobSearch.Step)
  /// It has ended; with an error, before everything was looked at.
  case ended(Int, String?)
  /// Jobs were read again: those that still are.
  case read([JobKey], [JobKey: FlowJob])
  /// The way from the root of a job's flow to it.
  case chain(JobKey, [JobKey])
}
