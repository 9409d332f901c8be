import QueueClient
import Redis
import Testing

/// What a filter takes and leaves.
@Suite struct FilterTests {
  private static let now = 1_795_000_000_000
  private static let fields: [JobField: String] = [
    .name: "paint", .failedReason: "connect ECONNREFUSED 10.0.0.1", .timestamp: "\(now - 7_200_000)",
    .processedBy: "w-2", .parentKey: "bull:renovate:root", .attemptsMade: "3", .priority: "5",
    .data:
      #"{"user":{"id":7,"name":"Ann \u00e4"},"tags":["red","blue"],"rows":[{"n":1},{"n":2}],"done":false,"a.b":"x y"}"#,
    .returnvalue: "2500", .progress: #"{"percent":64}"#, .opts: #"{"attempts":5}"#,
  ]

  private static func candidate(
    _ edit: [JobField: RESPValue] = [:], state: JobState = .failed, endedOn: Int? = now - 60_000
  ) -> JobFilter.Candidate {
    let all = fields.mapValues { RESPValue.bulk(Array($0.utf8)) }.merging(edit) { $1 }
    return JobFilter.Candidate(
      key: JobKey(queue: QueueKey(name: "mail-out"), id: "c1"), state: state, endedOn: endedOn, names: Array(all.keys),
      values: Array(all.values))
  }

  @Test(arguments: [
    "state:failed", "state=failed", "state:failed,delayed", "!state:completed", "queue:mail*", "queue:mail-out",
    "queue:other,mail-*", "!queue:other", "name:paint", "name:p*t", "name:pa?nt", "name~AIN", "!name:fix", "id:c*",
    "id:c1 name:paint", "error~ECONN", "error~econnrefused", #"error~"ECONNREFUSED 10""#, "error:*10.0.0.1",
    "data.user.id=7", "data.user.id:7", "data.user.id=7.0", "data.user.id>6", "data.user.id>=7", "data.user.id<7.5",
    "data.user.id<=7", "data.user.name~ann", #"data.user.name="Ann ä""#, "data.tags=red", "data.tags.1=blue",
    "data.tags:*", "data.rows.n=2", "data.rows.0.n=1", "data.done=false", #"data."a.b"="x y""#, "data~blue",
    "!data.user.age:*", "result=2500", "result>2000", "progress.percent>50", "opts.attempts=5", "worker:w-*",
    "parent:bull:renovate:*", "attempts=3", "attempts>2", "priority<=5", "older:30s", "newer:2m", "!older:1h",
    "econn paint", "PAINT c1", "!nothing", "state:failed name:paint error~ECONN data.user.id=7 queue:mail* older:1s",
  ]) func `a job passes`(filter: String) throws {
    #expect(try JobFilter(filter).matches(Self.candidate(), now: Self.now) == true)
  }

  @Test(arguments: [
    "state:completed", "!state:failed", "queue:mail", "name:pain", "name:Paint", "!name:p*", "error:ECONN*",
    "data.user.id=8", "data.user.id<7", "data.user=7", "data.tags.2:*", "data.tags.red:*", "data.user.age:*",
    #"data."a"."b"=x"#, #"name:"p*""#, "result>2500", "progress>1", "attempts>3", "worker=w", "older:2m", "newer:30s",
    "econn fix", "!paint state:failed", "parent:renovate*", "error~ECONN name:fix",
  ]) func `a job does not pass`(filter: String) throws {
    #expect(try JobFilter(filter).matches(Self.candidate(), now: Self.now) == false)
  }

  @Test func `a job that has not ended is as old as it is since it was added`() throws {
    let job = Self.candidate(state: .waiting, endedOn: nil)
    #expect(try JobFilter("older:1h").matches(job, now: Self.now) == true)
    #expect(try JobFilter("newer:1h59m").matches(job, now: Self.now) == false)
  }

  @Test(
    arguments: [
      ("data.user.id=7", nil), ("!data~x", nil), ("data~x name:fix", false), ("data~x state:completed", false),
      ("name:paint", true),
    ] as [(String, Bool?)]) func `what hangs on a text too long to read is not known`(each: (String, Bool?)) throws
  {
    let job = Self.candidate([.data: .integer(5_000_000)])
    #expect(try JobFilter(each.0).matches(job, now: Self.now) == each.1)
  }

  @Test(arguments: ["data.x=1", "data~x", "data>1", "result:*", "error~x", "attempts>0", "older:1s", "name:x"])
  func `a field that is absent, or is no JSON, passes nothing and breaks nothing`(filter: String) throws {
    let broken = Self.candidate([.data: .bulk(Array("{".utf8)), .timestamp: .bulk(Array("soon".utf8))], endedOn: nil)
    let empty = JobFilter.Candidate(
      key: JobKey(queue: QueueKey(name: "q"), id: "1"), state: .failed, names: [], values: [])
    #expect(try JobFilter(filter).matches(empty, now: Self.now) == false)
    _ = try JobFilter(filter).matches(broken, now: Self.now)
  }

  @Test(
    arguments: [
      ("42", "42"), ("3f2a-x", "3f2a-x"), ("id=42", "42"), ("id=42 queue:mail*", "42"),
      ("repeat:daily:1795", "repeat:daily:1795"),
      ("bull:steps:a:b:c", "a:b:c"), ("\"a=b\"", "a=b"), ("id:4*", nil), ("!42", nil), ("42 43", nil),
      ("id=42 name:x", nil),
      ("name:x", nil), ("@mine", nil),
    ] as [(String, String?)]) func `a word alone is an id`(each: (String, String?)) throws
  {
    #expect(try JobFilter(each.0, saved: ["mine": "state:failed"]).soleID == each.1)
  }

  @Test func `a job's key alone names its queue`() throws {
    let filter = try JobFilter("my:app:steps:7", prefix: "my:app")
    #expect(filter.queueNames == ["steps"] && filter.soleID == "7")
    #expect(!filter.allows(QueueKey(prefix: "my:app", name: "other")))
  }

  @Test func `a saved filter stands for its terms`() throws {
    let saved = ["mail": "queue:mail* @bad", "bad": "state:failed", "self": "@self"]
    #expect(try JobFilter("@mail name:paint", saved: saved) == JobFilter("queue:mail* state:failed name:paint"))
    #expect(throws: JobFilter.SyntaxError.self) { try JobFilter("@self", saved: saved) }
  }

  @Test(
    arguments: [
      ("", 1, "nothing to look for"), ("stat:failed", 1, "fields are state, queue"),
      ("state:failed stat:x", 14, "no field 'stat'"),
      ("state:broken", 7, "states are waiting"), ("state~failed", 6, "takes : =, not ~"),
      ("name:", 6, "nothing stands behind"),
      ("name.x:y", 5, "has no members"), ("data..x=1", 1, "a name is missing"), ("older:1", 7, "is no time"),
      ("older:1y", 7, "1h30m"),
      ("attempts>many", 10, "is no number"), ("error~\"open", 7, "a quote is not closed"),
      ("state:failed state:delayed", 1, "two states"),
      ("@x", 1, "no filter is saved"), ("a !", 3, "nothing stands behind '!'"), ("http://x y", 1, "stands in quotes"),
    ] as [(String, Int, String)]) func `a wrong term says what, where, and what is allowed`(each: (String, Int, String))
  {
    let error = #expect(throws: JobFilter.SyntaxError.self) { try JobFilter(each.0) }
    #expect(error?.column == each.1)
    #expect(error?.description.contains(each.2) == true, "\(error?.description ?? "")")
  }

  @Test(
    arguments: [
      ("state:failed", []), ("paint fix", [.name, .failedReason]), ("data.x=1 name:y", [.name, .data]),
      ("older:1h", [.timestamp]), ("id:4*", []), ("attempts>1", [.attemptsMade, .formerAttemptsMade]),
    ] as [(String, [JobField])]) func `no more is read than is asked`(each: (String, [JobField])) throws
  {
    #expect(try Set(JobFilter(each.0).neededFields) == Set(each.1))
  }

  @Test(
    arguments: [
      ("older:1h", 3_600_000, nil), ("newer:1h", nil, 3_600_000), ("older:1m older:2m newer:1h", 120_000, 3_600_000),
      ("!older:1h", nil, 3_600_000), ("name:x", nil, nil),
    ] as [(String, Int?, Int?)]) func `ages bound what is gone through`(each: (String, Int?, Int?)) throws
  {
    let ages = try JobFilter(each.0).ages
    #expect(ages.least == each.1 && ages.most == each.2)
  }

  @Test(arguments: [
    ("*", "", true), ("a*b*c", "axxbxxc", true), ("a*b*c", "axxbxx", false), ("**", "x", true), ("?", "", false),
    ("?", "ä", true),
    ("*a*a*a*a*b", String(repeating: "a", count: 3000), false), ("", "", true),
  ]) func `a pattern is like a text`(each: (String, String, Bool)) {
    #expect(Glob(each.0).matches(each.1) == each.2)
  }
}
