import FlowMonitor
import QueueClient

/// What a job holds, ready to be shown: parsed once, its secrets hidden unless somebody asked to see them.
struct JobContents: Sendable {
  let detail: JobDetail
  let masking: Masking
  /// Of texts that are read by pieces, the piece that is shown.
  private(set) var pieces: [JobField: PieceTrail] = [:]

  let data: JobText
  let options: JobText
  let result: JobText
  let reason: JobText
  /// The stacks of the failures, the oldest first.
  let stacks: [String]

  init(_ detail: JobDetail, masking: Masking) {
    self.detail = detail
    self.masking = masking
    let snapshot = detail.snapshot
    func text(_ field: JobField, _ value: String?, isJSON: Bool = true) -> JobText {
      if let size = detail.long[field.rawValue] { return .long(size) }
      guard let value else { return .none }
      guard isJSON, let json = try? JSON(parsing: value) else { return .plain(masking.masked(reason: value)) }
      return .json(masking.masked(json))
    }
    data = text(.data, snapshot.data)
    options = detail.long[JobField.opts.rawValue].map { .long($0) } ?? .json(masking.masked(snapshot.opts))
    result = text(.returnvalue, snapshot.returnvalue)
    reason = text(.failedReason, snapshot.failedReason, isJSON: false)
    stacks = snapshot.stacktrace.map { masking.masked($0) }
    pieces = detail.pieces.mapValues { PieceTrail(piece: $0) }
  }

  /// The same, with its secrets hidden or not.
  func masked(by masking: Masking) -> JobContents {
    var contents = JobContents(detail, masking: masking)
    contents.pieces = pieces
    return contents
  }

  /// Keeps the pieces that were gone on to, where the texts have not changed in size.
  mutating func keepPieces(of before: JobContents) {
    for (field, trail) in before.pieces where trail.piece.size == pieces[field]?.piece.size { pieces[field] = trail }
  }

  /// Takes a piece that was asked for.
  mutating func take(_ piece: TextPiece, of field: JobField) { pieces[field]?.take(piece, masking: masking) }

  /// Where the piece begins that a step leads to; `nil` where it leads nowhere.
  func place(_ step: PageStep.Way, of field: JobField) -> Int? {
    guard let trail = pieces[field] else { return nil }
    return step == .later ? (trail.piece.hasMore ? trail.piece.end : nil) : trail.before.last?.first
  }
}

/// A text that a job holds.
enum JobText: Sendable {
  case none
  case json(JSON)
  case plain(String)
  /// It is read by pieces, or not at all: so many bytes.
  case long(Int)
}

/// One step on in something that is read by pages.
struct PageStep: Sendable, Hashable {
  enum Way: Sendable, Hashable { case earlier, later }
  enum Subject: Sendable, Hashable {
    case text(JobField)
    case logs, children
  }

  var subject: Subject
  var way: Way
}

/// The piece of a long text that is shown, and the way to it.
struct PieceTrail: Sendable {
  private(set) var piece: TextPiece
  /// The secret that the piece before leaves unended.
  private var open: SecretScanner.Open?
  /// Where the pieces before begin, and which secrets go on into them.
  private(set) var before: [(first: Int, open: SecretScanner.Open?)] = []

  init(piece: TextPiece) { self.piece = piece }

  /// The piece, without its secrets.
  func shown(by masking: Masking) -> String {
    guard masking != .none else { return piece.text }
    var scanner = SecretScanner(masking: masking, open: open)
    return scanner.masked(piece.text)
  }

  /// Goes on to the next piece, or back to one before.
  mutating func take(_ next: TextPiece, masking: Masking) {
    if next.first == piece.end {
      // Whatever is shown now, secrets are followed: they may be hidden again in the next piece.
      var scanner = SecretScanner(masking: masking == .none ? .usual : masking, open: open)
      _ = scanner.masked(piece.text)
      before.append((piece.first, open))
      open = scanner.open
      piece = next
    } else if let index = before.lastIndex(where: { $0.first == next.first }) {
      open = before[index].open
      before.removeSubrange(index...)
      piece = next
    }
  }
}
