import NIOConcurrencyHelpers
import NIOCore

/// Runs tasks on the event loop of a connection, so that their commands and replies change no thread.
///
/// All that becomes ready in one turn of the loop runs in one go, and what it sends leaves in one write.
final class EventLoopExecutor: TaskExecutor {
  let eventLoop: any EventLoop
  private let ready = NIOLockedValueBox<[UnownedJob]>([])

  init(eventLoop: any EventLoop) {
    self.eventLoop = eventLoop
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let isFirst = ready.withLockedValue { ready in
      ready.append(job)
      return ready.count == 1
    }
    if isFirst { eventLoop.execute { self.runReady() } }
  }

  private func runReady() {
    let jobs = ready.withLockedValue { ready in
      defer { ready = [] }
      return ready
    }
    for job in jobs { job.runSynchronously(on: asUnownedTaskExecutor()) }
  }
}
