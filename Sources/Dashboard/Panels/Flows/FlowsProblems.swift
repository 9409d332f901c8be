import FlowMonitor
import QueueClient

/// Going from problem to problem, through the whole Redis.
extension FlowsPanel {
  /// The problem that was gone to last: its flow, and where that stood among all.
  struct Visit: Sendable, Hashable {
    var root: JobKey
    var place: Int
  }

  /// Goes to the next flow that needs somebody, and there to the job that is to blame.
  mutating func goToProblem(step: Int, in scene: Scene) -> [Request] {
    let picture = scene.picture
    let all = picture.problems
    let isSure = picture.problemCount.isExact && picture.sweep.isComplete
    guard !all.isEmpty else {
      return [
        .say(isSure ? "no problems" : "no problem found yet: \(Formatting.percent(picture.sweep.fraction)) looked at")
      ]
    }
    let (wanted, isRound) = place(after: step, among: all)
    let problem = all[wanted]
    visit = Visit(root: problem.root, place: wanted)
    go(to: problem.chain, filter: window.filter == .problems ? .problems : .all, in: scene)
    let count = (isSure ? "" : Glyphs.atLeast) + Formatting.count(all.count)
    let round = isRound && all.count > 1 ? ", on from the \(step > 0 ? "first" : "last")" : ""
    return [.say("problem \(Formatting.count(wanted + 1)) of \(count)\(round)")]
  }

  /// Which problem comes next, and whether that is round the end.
  private func place(after step: Int, among all: [FlowProblem]) -> (place: Int, isRound: Bool) {
    let here = goal?.first ?? selectedRow?.root
    if let here, let place = all.firstIndex(where: { $0.root == here }) {
      // Whoever stands in a flow by chance is led to what is wrong there first.
      return visit?.root == here ? Self.wrapped(place + step, all.count) : (place, false)
    }
    // That one is solved: what stood behind it has its place now.
    if let visit, visit.root == here { return Self.wrapped(step > 0 ? visit.place : visit.place - 1, all.count) }
    return (step > 0 ? 0 : all.count - 1, false)
  }

  private static func wrapped(_ place: Int, _ count: Int) -> (place: Int, isRound: Bool) {
    (place < 0 ? count - 1 : place >= count ? 0 : place, place < 0 || place >= count)
  }
}
