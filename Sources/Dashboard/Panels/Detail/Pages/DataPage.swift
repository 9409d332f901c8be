import FlowMonitor
import QueueClient

/// A job's data, and its options in what they differ from the defaults.
struct DataPage {
  let contents: JobContents
  let look: DetailPage.Look
  let isASCII: Bool

  var lines: [DetailPage.Line] {
    let data = TextLines(contents: contents, look: look, isASCII: isASCII)
    return data.lines(of: contents.data, .data, part: .data, title: "data") + [.init("")] + options
  }

  private var options: [DetailPage.Line] {
    let stored = TextLines(contents: contents, look: look, isASCII: isASCII)
      .lines(of: contents.options, .opts, part: .options, title: "options as stored", isFolded: true)
    guard case .json(let json) = contents.options else { return stored }
    let words = OptionWords(stored: json).lines
    let title = words.isEmpty ? "options: all as BullMQ has them by default" : "options that differ from the defaults"
    return [.init(title, .faint)]
      + words.map { option in
        var line = DetailPage.Line(option.words, .value)
        line.label = option.name
        line.path = ".opts.\(option.stored)"
        return line
      } + stored
  }
}

/// What a job returned.
struct ResultPage {
  let contents: JobContents
  let look: DetailPage.Look
  let isASCII: Bool

  var lines: [DetailPage.Line] {
    if case .none = contents.result { return [.init("no result yet", .faint)] }
    return TextLines(contents: contents, look: look, isASCII: isASCII)
      .lines(of: contents.result, .returnvalue, part: .result, title: "result")
  }
}

/// The lines of a text of a job, whatever kind it is.
struct TextLines {
  let contents: JobContents
  let look: DetailPage.Look
  let isASCII: Bool

  func lines(
    of text: JobText, _ field: JobField, part: FoldID.Part, title: String, isFolded: Bool = false,
    _ role: Style.Role = .value
  ) -> [DetailPage.Line] {
    switch text {
    case .none: []
    case .json(let json):
      JSONRows(
        part: part, title: title, json, isOpenAtFirst: !isFolded, folding: look.folding, search: look.search,
        width: look.width, isASCII: isASCII
      ).lines
    case .plain(let text): DetailPage.split(text, role, copied: text)
    case .long(let size): Self.lines(ofLong: field, size: size, contents, role)
    }
  }

  /// A text that is read by pieces: the piece, how much of the whole it is, and the ways on.
  static func lines(
    ofLong field: JobField, size: Int, _ contents: JobContents, _ role: Style.Role
  ) -> [DetailPage.Line] {
    guard let trail = contents.pieces[field] else {
      return [.init("\(Formatting.bytes(size)), too long to show here", .faint)]
    }
    let piece = trail.piece
    func step(_ text: String, _ way: PageStep.Way) -> DetailPage.Line {
      var line = DetailPage.Line(text, .key)
      line.action = .read(PageStep(subject: .text(field), way: way))
      return line
    }
    let text = trail.shown(by: contents.masking)
    let place = "\(Formatting.bytes(piece.first)) to \(Formatting.bytes(piece.end)) of \(Formatting.bytes(piece.size))"
    var lines: [DetailPage.Line] = [.init("\(field.rawValue): \(place) are shown", .faint)]
    if !trail.before.isEmpty { lines.append(step("… the piece before", .earlier)) }
    lines += DetailPage.split(text, role, copied: text)
    if piece.hasMore { lines.append(step("… more: \(Formatting.bytes(piece.size - piece.end)) follow", .later)) }
    return lines
  }
}
