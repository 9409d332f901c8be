import FlowMonitor
import QueueClient

/// The children of a job, with what they returned.
struct ChildrenPage {
  let key: JobKey
  let scene: Scene

  /// A small family is shown whole; of a wide one's opened members, so many.
  private static let most = 200

  var lines: [DetailPage.Line] {
    guard let job = scene.picture.jobs[key] else { return [.init("the job is gone", .faint)] }
    guard job.isParent else { return [.init("no children", .faint)] }
    let counts = job.counts
    var lines: [DetailPage.Line] = [
      .init(
        "\(Formatting.count(counts.processed)) processed, \(Formatting.count(counts.unprocessed)) unprocessed, "
          + "\(Formatting.count(counts.ignored)) ignored, \(Formatting.count(counts.failed)) failed")
    ]
    guard let family = scene.picture.families[key] else {
      return lines + [.init("unfold the job to see them", .faint)]
    }
    if let sum = family.sum { lines.append(.init(Glyphs.sum + Formatting.number(sum), .value)) }
    for group in family.groups.prefix(Self.most) {
      let name =
        "\(Formatting.count(group.count)) \(Glyphs.times) \(group.id.name.map { JobName.shown($0) } ?? "children")"
      let reason = group.id.reason.map { ": \($0)" } ?? ""
      lines.append(
        .init(
          "\(Glyphs.state(group.id.state)) \(name)  \(group.id.state.rawValue)\(reason)", Style(group.id.state).role))
    }
    for child in family.children.prefix(Self.most) { lines.append(line(of: child, family)) }
    return lines
  }

  private func line(of child: Family.Child, _ family: Family) -> DetailPage.Line {
    let known = scene.picture.jobs[child.key]
    let state =
      known?.state ?? (child.kind == .processed ? .completed : child.kind == .unprocessed ? .unknown : .failed)
    let name = known.map { "\(JobName.shown($0.name, of: child.key))  " } ?? ""
    let value =
      family.values[child.key].map { "  \(Formatting.value($0))" }
      ?? known?.longReturnvalue.map { "  … \(Formatting.bytes($0))" } ?? ""
    return .init(
      "\(Glyphs.state(state)) \(state.rawValue)  \(name)\(child.key.queue.name)/\(child.key.id)\(value)",
      Style(state).role)
  }
}
