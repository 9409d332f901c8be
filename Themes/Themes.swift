/// The themes that are part of the program, so that it needs no files beside it.
public enum BuiltInThemes {
  /// The text of each theme's TOML, by name, in the order in which they are offered.
  public static let all: [(name: String, toml: String)] = [
    ("dark", text(PackageResources.dark_toml)),
    ("light", text(PackageResources.light_toml)),
    ("high-contrast", text(PackageResources.high_contrast_toml)),
    ("colour-blind", text(PackageResources.colour_blind_toml)),
    ("nord", text(PackageResources.nord_toml)),
    ("gruvbox", text(PackageResources.gruvbox_toml)),
    ("paper", text(PackageResources.paper_toml)),
  ]

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
