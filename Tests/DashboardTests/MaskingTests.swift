import FlowMonitor
import QueueClient
import Testing

@testable import Dashboard

/// What is hidden, and what is not.
@Suite struct MaskingTests {
  @Test(arguments: [
    ("password", true), ("Password", true), ("db_password", true), ("accessToken", true), ("refresh-token", true),
    ("tokens", true), ("API-Key", true), ("apikey", true), ("x-api-key", true), ("Set-Cookie", true),
    ("auth", true), ("basicAuth", true), ("credit_card", true), ("creditCard", true), ("ssn", true), ("author", false),
    ("privateKey", true), ("tokenCount", false), ("secretary", false), ("key", false), ("keyboard", false), ("", false),
  ])
  func `a name is a secret's when it ends in one of the names, whatever its case and separators`(
    name: String, isHidden: Bool
  ) {
    #expect(Masking.usual.hides(name) == isHidden)
  }

  /// JSON, and what is shown of it.
  @Test(arguments: [
    (#"{"user":"ann","password":"x"}"#, #"{"user":"ann","password":"***"}"#),
    (#"{"a":[{"token":{"value":1}}]}"#, #"{"a":[{"token":"***"}]}"#),
    (#"{"token":null,"secret":false,"cookie":""}"#, #"{"token":null,"secret":false,"cookie":""}"#),
    (#"{"pin":1234,"access_key":1234}"#, #"{"pin":1234,"access_key":"***"}"#),
    (#"{"body":"{\"password\":\"x\"}"}"#, #"{"body":"{\"password\":\"***\"}"}"#),
    (#"["password","x"]"#, #"["password","x"]"#),
    (#"["mysql","--password","x","--user","ann"]"#, #"["mysql","--password","***","--user","ann"]"#),
  ])
  func `values behind secret names are hidden, also within texts`(json: String, shown: String) throws {
    #expect(Masking.usual.masked(try JSON(parsing: json)).text == shown)
  }

  /// Texts, and what is shown of them.
  @Test(arguments: [
    ("Authorization: Bearer abc.def", "Authorization: ***"),
    ("curl -H 'Authorization: Basic YWJj' https://x", "curl -H 'Authorization: ***' https://x"),
    ("token=abc123&page=2", "token=***&page=2"), ("password: hunter2, user: ann", "password: ***, user: ann"),
    (#"failed: {"apiKey":"a\"b","x":1}"#, #"failed: {"apiKey":"***","x":1}"#),
    (#"log "{\"password\":\"a\\\"b\",\"x\":1}" end"#, #"log "{\"password\":\"***\",\"x\":1}" end"#),
    (#"{"secrets":{"a":"}","b":[1]},"x":1}"#, #"{"secrets":***,"x":1}"#),
    ("redis://user:s3cret@host:6379/0", "redis://user:***@host:6379/0"),
    ("https://host:443/a@b", "https://host:443/a@b"),
    ("process.env['SECRET'] = 'x'", "process.env['SECRET'] = '***'"),
    ("token: null, password: true", "token: null, password: true"),
    ("bull:token:12 has failed", "bull:token:12 has failed"), ("the password was wrong", "the password was wrong"),
    ("password=\"never closed", "password=\"***"), ("", ""), ("password:", "password:"), ("password=", "password="),
    (#"password:\"#, #"password:***"#), ("token=ü€🚀;x", "token=***;x"),
  ])
  func `secrets in texts of any kind are hidden`(text: String, shown: String) {
    #expect(Masking.usual.masked(text) == shown)
  }

  @Test func `a secret that goes on beyond a piece is hidden in the next, wherever that begins`() {
    let text =
      #"{"a":1,"password":"hunter2 is \"the\" secret","b":{"token":{"x":["hunter2"]}},"c":"seen","cookie":"hunter2"}"#
    for cut in 0...text.utf8.count {
      var scanner = SecretScanner(masking: .usual)
      let middle = text.utf8.index(text.startIndex, offsetBy: cut)
      let parts = [String(text[..<middle]), String(text[middle...])]
      let shown = parts.map { scanner.masked($0) }.joined()
      // A name that is cut tells nobody of its secret: pieces end behind a comma or a line.
      let isNameCut = parts[0].last.map { $0.isLetter || "\":".contains($0) } ?? false
      if !isNameCut || scanner.open != nil { #expect(!shown.contains("hunter2") || isNameCut, "\(cut): \(shown)") }
    }
  }

  @Test func `whatever bytes there are, hiding ends and what is no secret stays`() {
    let letters = Array("token\"'\\:={}[],x \n")
    for seed in 0..<2000 {
      var state = UInt64(seed) &* 6_364_136_223_846_793_005 &+ 1
      let text = String(
        (0..<40).map { _ in
          state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
          return letters[Int(state >> 33) % letters.count]
        })
      #expect(Masking.none.masked(text) == text)
      _ = Masking.usual.masked(text)
    }
  }

  @Test func `rows, reasons, hints, values and groups show no secret`() {
    var picture = Sample.picture
    picture.jobs[Sample.bad]?.failedReason = "refused: token=hunter2"
    picture.jobs[Sample.stuck]?.data = ["password": "hunter2", "place": "hall"]
    picture.jobs[Sample.done]?.returnvalue = ["secret": "hunter2"]
    picture.diagnoses[Sample.stuck] = .blockedByFailedChild(Sample.bad, reason: "refused: token=hunter2")
    picture.families[Sample.wide]?.groups[0].id.reason = "password=hunter2"
    var model = Sample.model(rows: 60, columns: 160, picture: picture)
    #expect(!model.draw().text.contains("hunter2"))
    #expect(model.draw().text.contains("place: hall") && model.draw().text.contains("token=***"))
    for keys in ["w", "w/token=\n", "\u{1B}", "]w"] {
      model.press(keys)
      #expect(!model.lines.dropLast().joined().contains("hunter2"))
    }
  }

  @Test func `names of one's own take the place of the usual ones`() throws {
    let masking = Masking(names: ["IBAN"])
    #expect(masking.masked(try JSON(parsing: #"{"iban":"DE1","token":"t"}"#)).text == #"{"iban":"***","token":"t"}"#)
  }
}
