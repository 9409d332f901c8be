import FlowMonitor
import QueueClient

/// Why a job failed, and the stack of each of its failures, the newest first.
struct ErrorPage {
  let contents: JobContents
  let look: DetailPage.Look

  var lines: [DetailPage.Line] {
    let reason: [DetailPage.Line]
    switch contents.reason {
    case .none: return [.init("no error", .faint)]
    case .json(let json): reason = DetailPage.split(json.text, .error)
    case .plain(let text): reason = DetailPage.split(text, .error, copied: text)
    case .long(let size): reason = TextLines.lines(ofLong: .failedReason, size: size, contents, .error)
    }
    if let size = contents.detail.long[JobField.stacktrace.rawValue] {
      return reason + [.init("")] + TextLines.lines(ofLong: .stacktrace, size: size, contents, .text)
    }
    return reason + (contents.stacks.isEmpty ? [] : [.init("")]) + contents.stacks.indices.reversed().flatMap(attempt)
  }

  private func attempt(_ index: Int) -> [DetailPage.Line] {
    let stack = contents.stacks[index]
    let id = FoldID(part: .attempt(index))
    let holdsMatch = !look.search.isEmpty && JSONMatches.occurs(look.search, in: stack)
    let isOpen = look.folding.isOpen(id, atFirst: index == contents.stacks.count - 1) || holdsMatch
    var head = DetailPage.Line(isOpen ? "" : Formatting.firstLine(stack), .faint)
    head.label = name(of: index)
    head.fold = (id, isOpen)
    head.copied = stack
    guard isOpen else { return [head] }
    return [head]
      + DetailPage.split(stack, .text, copied: stack).map { line in
        var line = line
        line.indent = 2
        return line
      }
  }

  /// Only so many stacks are kept, the newest: the last is that of the last attempt.
  private func name(of index: Int) -> String {
    let behind = contents.stacks.count - 1 - index
    let number = contents.detail.snapshot.attemptsMade.subtractingReportingOverflow(behind)
    return !number.overflow && number.partialValue > 0
      ? "attempt \(Formatting.count(number.partialValue))" : "an earlier attempt"
  }
}
