import QueueClient
import Testing

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
}
