import QueueClient

/// What people call a job. What stands in Redis is not yet safe for a terminal here.
enum JobName {
  /// Its name; its id where that is empty, and in quotes where nothing of it could be seen.
  static func shown(_ name: String, of key: JobKey) -> String {
    name.isEmpty ? key.id : shown(name)
  }

  /// A name; in quotes where nothing of it could be seen.
  static func shown(_ name: String) -> String { name.allSatisfy(\.isWhitespace) ? "\"\(name)\"" : name }
}
