import FlowMonitor
import QueueClient

/// Why a job is not done, and what one can do about it.
struct WhyPage {
  let key: JobKey
  let scene: Scene

  var lines: [DetailPage.Line] {
    let picture = scene.picture
    guard let job = picture.jobs[key] else { return [.init("the job is gone", .faint)] }
    let name = picture.name(of: key)
    switch picture.trouble(of: key) {
    case nil:
      return [.init("\(name): \(StateText(of: job, scene: scene).main)", Style(job.state).role)] + nothingWrong(job)
    case .failed(let reason):
      return [.init("\(name) failed:", .title)] + quote(reason)
        + [.init("mend the cause, then retry it:", .text), command("job retry", key)]
    case .blockedByFailedChild(let child, let childName, let reason):
      return [
        .init(
          "\(name) waits for \(childName.isEmpty ? picture.name(of: child) : childName), which failed for good:", .title
        )
      ] + quote(reason)
        + [
          .init("That child has no failure policy, so its parent waits until it is retried or removed:", .text),
          .init(""), command("job retry", child), command("job remove", child),
        ]
    case .withoutLock:
      return [
        .init(
          "\(name) is active, or waits for a job that is, and no worker holds it: its worker probably died", .warning),
        .init("a running worker of its queue puts it back within about 30 s; is there one?"),
      ]
    case .missingChild(let child):
      return [
        .init("\(name) waits for \(child.queue.name)/\(child.id), which does not exist any more", .error),
        .init("remove that dependency, and it goes on"),
      ]
    case .completedStillPending(let child, let childName):
      return [
        .init(
          "\(name) waits for \(childName.isEmpty ? picture.name(of: child) : childName), which has completed", .error),
        .init("its end was not told to its parent; remove that dependency:"), command("job remove-dependency", child),
      ]
    case .waitsForNothing:
      return [
        .init("\(name) waits for children, but for none at all: nothing will release it by itself", .error)
      ]
    case .queuePaused:
      return [
        .init("\(name) waits in \(key.queue.name), which is paused", .paused), .init("resume the queue, and it runs:"),
        .init("  bullflow queue resume \(key.queue.name)", .key),
      ]
    case let trouble?:
      return [.init("\(name): \(trouble.words)", trouble.needsAPerson ? .error : .text)]
    }
  }

  private func nothingWrong(_ job: FlowJob) -> [DetailPage.Line] {
    job.isFinished ? [] : [.init("nothing seems wrong", .good)]
  }

  private func quote(_ reason: String) -> [DetailPage.Line] {
    DetailPage.split(String(reason.prefix(2000)), .error).map { .init("    " + $0.text, .error) }
  }

  private func command(_ verb: String, _ key: JobKey) -> DetailPage.Line {
    .init("  bullflow \(verb) \(key.queue.name) \(key.id)", .key)
  }
}
