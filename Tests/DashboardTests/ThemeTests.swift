import Testing

@testable import Dashboard

@Suite struct ThemeTests {
  @Test(arguments: [
    ("name = 1", "name"), ("name = \"x\"\n[styles]\nnoting = {}", "noting"),
    ("name = \"x\"\n[styles]\ntext = { foreground = \"purplish\" }", "purplish"), ("[styles", ""),
  ])
  func `a theme that cannot be used says what is wrong with it`(toml: String, word: String) {
    do {
      _ = try Theme(toml: toml)
      Issue.record("it was taken")
    } catch {
      #expect("\(error)".contains(word) || word.isEmpty, "\(error)")
    }
  }

  @Test func `terminals with fewer colours get the nearest they have`() {
    #expect(Color("#ff8787")?.nearest(of: 256) == 210)
    #expect(Color("#ff0000")?.nearest(of: 8) == 1)
    #expect(Color("bright-red")?.nearest(of: 8) == 1)
    #expect(Color("default")?.nearest(of: 8) == -1)
    #expect(Color("chartreuse") == nil)
  }
}
