import FlowMonitor
import QueueClient

/// What can be chosen on the page that says why: something that helps, or a job on the way to the one that is to blame.
enum WhyItem: Sendable, Hashable {
  case fix(Cause.Fix)
  /// By the way from the root to it.
  case job([JobKey])

  /// What choosing it asks for.
  var requests: [Request] {
    switch self {
    case .job(let chain): return [.showFlow(chain)]
    case .fix(let fix):
      if let action = fix.action { return [.preview(action)] }
      return [.perform(.copy(fix.commandLine)), .say("copied, for a shell: \(fix.commandLine)")]
    }
  }
}
