import FlowMonitor
import QueueClient

/// The rows of the list as they are loaded, each with the job that it stands below.
struct FlowRows: Sendable, Equatable {
  private(set) var rows: [Outline.Row] = []
  /// For each row, the job whose child, group or members it is.
  private(set) var parents: [JobKey?] = []

  init() {}

  init(_ outline: Outline) {
    rows = outline.rows
    // The last row met at each depth.
    var above: [JobKey?] = []
    for row in rows {
      above.removeLast(max(0, above.count - row.depth))
      parents.append(above.last ?? nil)
      switch row.id {
      case .job(let key): above.append(key)
      case .group(let key), .more(let key): above.append(key.parent)
      }
    }
  }

  var isEmpty: Bool { rows.isEmpty }
  var count: Int { rows.count }
  var indices: Range<Int> { rows.indices }

  subscript(index: Int) -> Outline.Row { rows[index] }

  /// Where a row is now; of several, as circles make them, the one nearest to where it was.
  func index(of id: Outline.ID, near place: Int) -> Int? {
    if rows.indices.contains(place), rows[place].id == id { return place }
    return rows.indices.filter { rows[$0].id == id }.min { abs($0 - place) < abs($1 - place) }
  }

  /// The row that a row stands below.
  func parentIndex(of index: Int) -> Int? {
    rows.indices.contains(index) ? rows[..<index].lastIndex { $0.depth < rows[index].depth } : nil
  }
}

extension Outline.ID {
  /// The job of a row; of a group's row, none.
  var job: JobKey? { if case .job(let key) = self { key } else { nil } }
}
