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

  @Test(arguments: [
    ("\u{1B}]11;rgb:ffff/ffff/ffff\u{07}\u{1B}[?62c", TerminalBackground?.some(.light)),
    ("\u{1B}]11;rgb:1e1e/1e1e/2e2e\u{1B}\\", .dark), ("\u{1B}]11;rgba:fd/f6/e3/ff\u{07}", .light),
    ("\u{1B}[?62c", nil), ("\u{1B}]11;rgb:zz/00/00", nil), ("", nil),
  ])
  func `a terminal's answer says whether it is dark or light`(reply: String, background: TerminalBackground?) {
    #expect(TerminalBackground(reply: reply) == background)
  }

  @Test(arguments: [
    ("15;0", TerminalBackground?.some(.dark)), ("0;15", .light), ("0;default;15", .light), ("7;8", .dark),
    ("default", nil), ("", nil),
  ])
  func `so does the environment`(value: String, background: TerminalBackground?) {
    #expect(TerminalBackground(colorFgBg: value) == background)
  }

  @Test func `the theme that fits the terminal comes first`() {
    #expect(Theme.builtIn(fitting: .light).map(\.name) == ["light", "dark", "high-contrast"])
    #expect(Theme.builtIn(fitting: nil).first?.name == "dark")
  }
}
