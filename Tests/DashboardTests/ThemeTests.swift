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
    #expect(Theme.builtIn(fitting: .light).map(\.name).first == "light")
    #expect(Theme.builtIn(fitting: nil).first?.name == "dark")
  }
}

/// What the themes of the program must be.
@Suite struct ThemeContrastTests {
  private static func contrast(_ look: Theme.Look) -> Double {
    look.foreground.leastContrast(with: look.background) ?? 0
  }

  @Test func `there are six themes or more, each with a name of its own and a look for every role`() {
    #expect(Theme.builtIn.count >= 6)
    #expect(Set(Theme.builtIn.map(\.name)).count == Theme.builtIn.count)
    for theme in Theme.builtIn { #expect(Set(theme.looks.keys) == Set(Style.Role.allCases), "\(theme.name)") }
  }

  @Test(arguments: Theme.builtIn.map(\.name), Style.Role.allCases)
  func `every text can be read on its ground, selected or not`(name: String, role: Style.Role) throws {
    let theme = try #require(Theme.builtIn.first { $0.name == name })
    for isSelected in [false, true] {
      var style = Style(role)
      style.isSelected = isSelected
      let contrast = Self.contrast(theme.look(of: style))
      #expect(contrast >= role.leastContrast, "\(contrast)")
      style.isDimmed = true
      #expect(Self.contrast(theme.look(of: style)) >= 3)
    }
  }

  @Test func `black on white is 21, and a colour on itself is 1`() throws {
    let (black, white) = (try #require(Color("#000000")), try #require(Color("#ffffff")))
    #expect(abs((black.contrast(with: white) ?? 0) - 21) < 0.01)
    #expect(white.contrast(with: white) == 1)
    #expect(Color.default.contrast(with: white) == nil)
  }
}
