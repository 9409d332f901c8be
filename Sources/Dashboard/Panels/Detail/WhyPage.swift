import FlowMonitor
import QueueClient

/// Why a job is not done, and what one can do about it: all causes where they were looked for, else what the rows show.
struct WhyPage {
  let key: JobKey
  let explanation: Explanation?
  let scene: Scene

  var lines: [DetailPage.Line] {
    let picture = scene.picture
    guard let job = picture.jobs[key] else { return [.init("the job is gone", .faint)] }
    let name = picture.name(of: key)
    let causes =
      explanation?.causes ?? picture.trouble(of: key)?.cause(of: key, nameOf: picture.name).map { [$0] } ?? []
    guard causes.isEmpty else { return causes.enumerated().flatMap { lines(of: $1, isFirst: $0 == 0) } }
    let state = DetailPage.Line("\(name): \(StateText(of: job, scene: scene).main)", Style(job.state).role)
    if job.isFinished { return [state] }
    return [
      state, explanation == nil ? .init("looking for what keeps it …", .faint) : .init("nothing seems wrong", .good),
    ]
  }

  private func lines(of cause: Cause, isFirst: Bool) -> [DetailPage.Line] {
    let words = CauseWords(cause)
    var lines: [DetailPage.Line] = isFirst ? [] : [.init("")]
    lines.append(.init(words.sentence, cause.needsPerson ? .error : .text))
    let details = words.details(at: scene.clock)
    if !details.isEmpty { lines.append(.init("    " + details.joined(separator: ", "), .faint)) }
    if let chain = words.chain { lines.append(.init("    " + chain, .faint)) }
    for fix in cause.fixes {
      lines.append(.init("  \(fix.words):", .text))
      lines.append(.init("    \(fix.commandLine)", .key))
    }
    return lines
  }
}
