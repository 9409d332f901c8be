import FlowMonitor
import QueueClient

/// A page of the detail as a file: JSON whole and unfolded, other pages as their lines.
struct PageDocument {
  let tab: DetailTab
  let key: JobKey
  let contents: JobContents?
  let page: DetailPage

  /// What a program outside is given.
  var file: OutsideFile {
    switch tab {
    case .data: document(contents?.data)
    case .result: document(contents?.result)
    default: OutsideFile(text: lines, isJSON: false)
    }
  }

  private func document(_ text: JobText?) -> OutsideFile {
    if case .json(let json)? = text {
      OutsideFile(text: Self.pretty(json), isJSON: true)
    } else {
      OutsideFile(text: lines, isJSON: false)
    }
  }

  /// The lines, without what a terminal would act on.
  private var lines: String {
    page.lines.map { line in
      let label = line.label.isEmpty ? "" : line.label + ": "
      return String(repeating: " ", count: line.indent) + CleanText.line(label + line.text)
    }.joined(separator: "\n") + "\n"
  }

  /// JSON with a member a line.
  static func pretty(_ json: JSON) -> String {
    var text = ""
    write(json, indent: 0, to: &text)
    return text + "\n"
  }

  private static func write(_ json: JSON, indent: Int, to text: inout String) {
    // What is nested deeper is not moved in any further: the file is no larger for it.
    let outer = "\n" + String(repeating: " ", count: min(indent, 64))
    let inner = outer + "  "
    switch json {
    case .object(let members) where !members.isEmpty:
      text += "{"
      for (index, member) in members.enumerated() {
        text += (index > 0 ? "," : "") + inner + clean(.string(member.name)) + ": "
        write(member.value, indent: indent + 2, to: &text)
      }
      text += outer + "}"
    case .array(let elements) where !elements.isEmpty:
      text += "["
      for (index, element) in elements.enumerated() {
        text += (index > 0 ? "," : "") + inner
        write(element, indent: indent + 2, to: &text)
      }
      text += outer + "]"
    default: text += clean(json)
    }
  }

  /// A scalar, without what a terminal would act on.
  private static func clean(_ json: JSON) -> String { CleanText.line(json.text) }
}
