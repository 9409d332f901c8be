import Testing

@testable import QueueClient

@Suite struct KeysTests {
  @Test func `a job's key is taken apart at its last colons`() {
    let key = JobKey("my:app:steps:42")
    #expect(key?.queue.prefix == "my:app")
    #expect(key?.queue.name == "steps")
    #expect(key?.id == "42")
    #expect(key?.description == "my:app:steps:42")
  }

  @Test(arguments: ["", "steps", "steps:42", "bull:steps:"]) func `what is no job's key is refused`(text: String) {
    #expect(JobKey(text) == nil)
  }

  @Test func `a queue's and a job's keys of the same name differ`() {
    let queue = QueueKey(name: "steps")
    #expect(queue[.failed] == "bull:steps:failed")
    #expect(JobKey(queue: queue, id: "c1")[.failed] == "bull:steps:c1:failed")
  }

  private static let keys: [(text: String, prefix: String?, queue: String, id: String)] = [
    ("bull:q:42", nil, "bull:q", "42"), ("bull:q:42", "other", "bull:q", "42"),
    ("bull:q:a:b:c", "bull", "bull:q", "a:b:c"), ("my:app:q:a:b:c", "my:app", "my:app:q", "a:b:c"),
    ("bull:q:repeat:daily:1795000000000", nil, "bull:q", "repeat:daily:1795000000000"),
    ("bull:q:repeat:a:b:17", "bull", "bull:q", "repeat:a:b:17"),
    ("bull:repeat:42", nil, "bull:repeat", "42"), ("my:app:q:42", "bull", "my:app:q", "42"),
  ]

  @Test(arguments: keys) func `a key is read by the prefix that is known, and else by its last colon`(
    key: (text: String, prefix: String?, queue: String, id: String)
  ) throws {
    let read = try #require(JobKey(key.text, prefix: key.prefix))
    #expect(read.queue.description == key.queue)
    #expect(read.id == key.id)
    #expect(read.description == key.text)
  }

  @Test func `a job's parent is what its parent field says`() {
    let queue = QueueKey(name: "kids")
    func parent(_ key: String, _ json: String?) -> JobKey? { JobKey(parentKey: key, parent: json, of: queue) }
    #expect(parent("x:q:a:b:c", #"{"id":"a:b:c","queueKey":"x:q"}"#)?.queue.description == "x:q")
    #expect(parent("bull:q:a:b:c", nil)?.id == "a:b:c")
    #expect(parent("bull:q:a:b:c", "{")?.id == "a:b:c")
    #expect(parent("x:q:1", nil)?.queue.description == "x:q")
    #expect(parent("", #"{"id":"1","queueKey":"bull:q"}"#) == nil)
  }

  private static let stored: [(String, StoredKey?)] = {
    let queue = QueueKey(name: "q")
    func job(_ id: String, _ suffix: JobKey.Suffix? = nil) -> StoredKey { .job(JobKey(queue: queue, id: id), suffix) }
    return [
      ("bull:q:wait", .queue(queue, .wait)), ("bull:q:repeat", .queue(queue, .schedulers)), ("bull:q:1", job("1")),
      ("bull:q:1:failed", job("1", .failed)), ("bull:q:a:b:c:lock", job("a:b:c", .lock)),
      ("bull:q:repeat:daily", .owned(queue, .schedulers, "daily")),
      ("bull:q:repeat:daily:17", job("repeat:daily:17")),
      ("bull:q:repeat:daily:17:logs", job("repeat:daily:17", .logs)),
      ("bull:q:de:x:y", .owned(queue, .deduplication, "x:y")),
      ("bull:q:metrics:completed:data", .owned(queue, .metrics, "completed:data")), ("bull:q", nil), ("bull:q:", nil),
      ("cow:q:1", nil), ("bull::1", nil),
    ]
  }()

  @Test(arguments: stored) func `every key below a prefix is told what it is`(key: (String, StoredKey?)) {
    #expect(StoredKey(key.0, prefix: "bull") == key.1)
  }

  @Test(
    arguments: QueueKey.Suffix.allCases.map(\.rawValue) + ["de:a:b", "metrics:completed:data", "dn:x:y", "repeat:a:b"])
  func `no job lies over one of the queue's own keys`(id: String) {
    #expect(throws: FlowError.self) {
      try FlowPlan([FlowNode(name: "n", queueName: "q", opts: ["jobId": .string(id)])], prefix: "bull")
    }
  }
}
