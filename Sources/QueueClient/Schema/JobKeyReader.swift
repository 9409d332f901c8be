/// Reads the keys of many jobs, most of which are of the same queue as the one before.
struct JobKeyReader {
  /// The queue of the job that names them.
  let near: QueueKey
  private var last: (queue: QueueKey, beginning: String)?

  init(near: QueueKey) { self.near = near }

  /// The key that a text is; one that is unreadable for a text that is none.
  mutating func key(_ text: String) -> JobKey {
    // A key with two colons can be read in one way only.
    if let last, text.utf8.starts(with: last.beginning.utf8) {
      let rest = text.utf8.dropFirst(last.beginning.utf8.count)
      if !rest.isEmpty, !rest.contains(UInt8(ascii: ":")), let id = String(rest) {
        return JobKey(queue: last.queue, id: id)
      }
    }
    guard let key = JobKey(text, namedBy: near) else { return JobKey(unreadable: text) }
    if !key.queue.prefix.utf8.contains(UInt8(ascii: ":")) {
      last = (key.queue, key.queue.description + ":")
    }
    return key
  }
}
