import QueueClient

/// A value as rows that fold: a row for each member and element, and no more of them than are open.
struct JSONRows {
  let part: FoldID.Part
  let folding: Folding
  let matches: JSONMatches
  /// How many cells a row has.
  let width: Int
  let isASCII: Bool
  private(set) var lines: [DetailPage.Line] = []

  /// What is open at first: not too deep, and where there is not too much of it.
  private static let (openDepth, openCount) = (3, 20)
  /// Deeper rows are not moved in any further.
  private static let deepest = 16

  init(
    part: FoldID.Part, title: String, _ json: JSON, isOpenAtFirst: Bool = true, folding: Folding,
    search: String = "", width: Int, isASCII: Bool
  ) {
    self.part = part
    self.folding = folding
    matches = JSONMatches(search, in: json)
    self.width = max(10, width)
    self.isASCII = isASCII
    add(json, name: title, at: JSONPath(), isOpenAtFirst: isOpenAtFirst)
  }

  // MARK: Rows

  private mutating func add(_ json: JSON, name: String, at path: JSONPath, isOpenAtFirst: Bool) {
    guard lines.count < DetailPage.limit else { return }
    switch json {
    case .object(let members):
      let values = members.map { (JSONPath.Step.member($0.name), $0.name, $0.value) }
      add(values, of: json, name: name, at: path, isOpenAtFirst: isOpenAtFirst)
    case .array(let elements):
      let values = elements.enumerated().map { (JSONPath.Step.index($0), "\($0)", $1) }
      add(values, of: json, name: name, at: path, isOpenAtFirst: isOpenAtFirst)
    case .string(let text): add(text: text, name: name, at: path)
    case .number, .bool, .null: lines.append(row(name, json.text, .value, at: path, copies: json.text))
    }
  }

  private mutating func add(
    _ values: [(step: JSONPath.Step, name: String, value: JSON)], of json: JSON, name: String, at path: JSONPath,
    isOpenAtFirst: Bool
  ) {
    let id = FoldID(part: part, path: path)
    guard !values.isEmpty else {
      lines.append(row(name, json.text, .faint, at: path, copies: json.text))
      return
    }
    let isOpen = folding.isOpen(id, atFirst: isOpenAtFirst) || matches.around.contains(path)
    let isArray = json.array != nil
    let count = Formatting.count(values.count, isArray ? "element" : "member")
    let preview = isOpen ? "" : "  " + Self.preview(json, most: width)
    var line = row(name, count + preview, .faint, at: path, copies: nil)
    line.fold = (id, isOpen)
    line.json = json
    lines.append(line)
    guard isOpen else { return }
    let limit = folding.limit(of: id)
    // Of many, those with much in them stay folded: the rows are to give a picture of the whole.
    let isOpenBelow = path.steps.count < Self.openDepth && values.count <= Self.openCount
    var left = 0
    for (index, each) in values.enumerated() {
      if index >= limit, matches.around.isEmpty {
        left = values.count - index
        break
      }
      let place = path.appending(each.step)
      guard index < limit || matches.found.contains(place) || matches.around.contains(place) else {
        left += 1
        continue
      }
      let isSmall = (each.value.members?.count ?? each.value.array?.count ?? 0) <= Self.openCount
      add(each.value, name: each.name, at: place, isOpenAtFirst: isOpenBelow && isSmall)
    }
    if left > 0 { lines.append(more(left, isArray ? "element" : "member", of: id, at: path)) }
  }

  /// A text: on one row where it fits, else folded, and open as it is, line by line.
  private mutating func add(text: String, name: String, at path: JSONPath) {
    let id = FoldID(part: part, path: path)
    // Nobody reads more of it in one row.
    let start = JSON.string(String(text.prefix(width * 2))).text
    let room = width - indent(path) - TextCleaner.width(name, isASCII: isASCII, most: width) - 4
    let isShort = TextCleaner.width(start, isASCII: isASCII, most: width * 4) <= max(8, room) && !text.contains("\n")
    if isShort {
      lines.append(row(name, start, .value, at: path, copies: text))
      return
    }
    let isOpen = folding.isOpen(id, atFirst: false) || matches.around.contains(path)
    let count = Formatting.count(text.count, "character")
    var line = row(name, count, .faint, at: path, copies: text)
    line.fold = (id, isOpen)
    guard isOpen else {
      // The beginning, and how much there is.
      let kept = max(4, room - count.count - 3)
      line.text = String(start.prefix(kept)) + "… " + count
      line.style = Style(.value)
      lines.append(line)
      return
    }
    lines.append(line)
    let limit = folding.limit(of: id)
    let inner = max(8, width - indent(path) - 4)
    let all = DetailPage.wrap(
      DetailPage.split(text, .value), width: inner, isASCII: isASCII, limit: limit + 1)
    for var each in all.prefix(limit) {
      each.indent = indent(path) + 4
      each.isOneRow = true
      each.copied = text
      each.path = path.text
      lines.append(each)
    }
    if all.count > limit { lines.append(more(nil, "line", of: id, at: path)) }
  }

  private func indent(_ path: JSONPath) -> Int { min(path.steps.count, Self.deepest) * 2 }

  private func row(
    _ name: String, _ text: String, _ role: Style.Role, at path: JSONPath, copies: String?
  ) -> DetailPage.Line {
    var line = DetailPage.Line(text, role)
    line.indent = indent(path)
    line.label = name
    line.path = path.text
    line.copied = copies
    line.isOneRow = true
    line.isMatch = matches.found.contains(path)
    return line
  }

  private func more(_ count: Int?, _ word: String, of id: FoldID, at path: JSONPath) -> DetailPage.Line {
    var line = DetailPage.Line("… \(count.map { Formatting.count($0) + " " } ?? "")more \(word)s", .key)
    line.indent = indent(path) + 4
    line.action = .showMore(id)
    return line
  }

  // MARK: What a folded value shows

  /// The beginning of a value, in no more work than it has letters.
  static func preview(_ json: JSON, most: Int) -> String {
    var text = ""
    write(json, most: most, depth: 0, to: &text)
    return text
  }

  private static func write(_ json: JSON, most: Int, depth: Int, to text: inout String) {
    guard text.utf8.count < most else { return }
    switch json {
    case .null, .bool, .number: text += json.text
    case .string(let string): text += JSON.string(String(string.prefix(most))).text
    case .object(let members):
      if depth > 2 { return text += members.isEmpty ? "{}" : "{…}" }
      text += "{"
      for (index, member) in members.enumerated() where text.utf8.count < most {
        text += (index > 0 ? ", " : "") + member.name + ": "
        write(member.value, most: most, depth: depth + 1, to: &text)
      }
      text += "}"
    case .array(let elements):
      if depth > 2 { return text += elements.isEmpty ? "[]" : "[…]" }
      text += "["
      for (index, element) in elements.enumerated() where text.utf8.count < most {
        if index > 0 { text += ", " }
        write(element, most: most, depth: depth + 1, to: &text)
      }
      text += "]"
    }
  }
}
