import QueueClient

/// What people call a job. What stands in Redis is not yet safe for a terminal here.
enum JobName {
  /// Its name; its id where that is empty, and in quotes where nothing of it could be seen.
  static func shown(_ name: String, of key: JobKey) -> String {
    name.isEmpty ? key.id : shown(name)
  }

  /// An id, of a long one so much as tells it from others.
  static func shortened(_ id: String) -> String { id.count > 16 ? "\(id.prefix(8))…" : id }

  /// A name; in quotes where nothing of it could be seen.
  static func shown(_ name: String) -> String { name.allSatisfy(\.isWhitespace) ? "\"\(name)\"" : name }

  /// A name within a reason, cut so that the reason shows.
  static func brief(_ name: String) -> String {
    // A name may be as long as anybody made it: no more of it is looked at than is shown.
    name.prefix(mostOfBrief + 1).count > mostOfBrief ? name.prefix(mostOfBrief - 1) + "…" : name
  }

  private static let mostOfBrief = 24
}
