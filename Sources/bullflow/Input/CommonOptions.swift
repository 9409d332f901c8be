import ArgumentParser
import Dashboard
import Foundation
import Redis

/// Which Redis, and how to get into it: the options of every command.
struct CommonOptions: ParsableArguments {
  @Option(
    help: """
      The Redis: redis://, rediss:// or unix:// URL; without it redis://127.0.0.1:6379. One with a password belongs into \
      the environment's REDIS_URL or into the settings: other users can see command lines.
      """)
  var url: String?

  @Option(
    help: ArgumentHelp("A profile of the settings: its url, prefix, theme, and what it forbids.", valueName: "name"))
  var profile: String?

  @Option(help: "What the keys of the queues begin with (default: bull).")
  var prefix: String?

  @Option(help: "Settings: a TOML file (default: $XDG_CONFIG_HOME/bullflow/config.toml, where it exists).")
  var config: String?

  @Option(
    help: ArgumentHelp(
      "A file that holds the password alone. Also the environment's REDIS_PASSWORD.", valueName: "file"))
  var passwordFile: String?

  @Option(help: ArgumentHelp("Trust the authorities of this PEM file instead of the system's.", valueName: "file"))
  var tlsCa: String?

  @Option(help: ArgumentHelp("A client certificate, PEM.", valueName: "file"))
  var tlsCert: String?

  @Option(help: ArgumentHelp("The client certificate's key, PEM.", valueName: "file"))
  var tlsKey: String?

  @Flag(help: "Take any server certificate. Anybody in between can then read along.")
  var tlsInsecure = false

  @Flag(help: "Change nothing in Redis: every command that would is refused before it is sent.")
  var readOnly = false

  /// The options with those of the settings file, and the environment, below them.
  func resolved() throws -> Settings {
    let file = try SettingsFile.read(config)
    guard let profile else {
      return try settings(file, file.usual, url: url ?? Self.environment("REDIS_URL") ?? file.url(of: file.usual))
    }
    guard let chosen = file.profiles[profile] else {
      let known = file.profiles.keys.sorted().joined(separator: ", ")
      throw Failure(
        what: "--profile",
        why: "the settings have no profile '\(profile)'; \(known.isEmpty ? "they have none" : "there are \(known)")",
        code: .usage)
    }
    return try settings(
      file, chosen, url: url ?? chosen.url ?? Self.environment("REDIS_URL") ?? file.url(of: file.usual))
  }

  private func settings(_ file: SettingsFile, _ profile: SettingsFile.Profile, url: String) throws -> Settings {
    var endpoint = try RedisEndpoint(url: url)
    if let passwordFile {
      let text = try InputText.read(passwordFile, what: "--password-file", limit: 1 << 16)
      SettingsFile.warnOfReaders(of: passwordFile)
      let password = text.trimmingCharacters(in: .whitespacesAndNewlines)
      guard !password.isEmpty else {
        throw Failure(what: "--password-file", why: "there is no password in \(passwordFile)", code: .badInput)
      }
      endpoint.password = password
    } else if endpoint.password == nil, let password = Self.environment("REDIS_PASSWORD") {
      endpoint.password = password.trimmingCharacters(in: .newlines)
    }
    try applyTLS(to: &endpoint)
    let prefix = prefix ?? file.prefix(of: profile)
    guard !prefix.isEmpty else { throw Failure(what: "--prefix", why: "it is empty", code: .usage) }
    var settings = Settings(endpoint: endpoint, prefix: prefix, file: file)
    settings.take(profile)
    if readOnly { settings.isReadOnly = true }
    return settings
  }

  private func applyTLS(to endpoint: inout RedisEndpoint) throws {
    let isAsked = tlsCa != nil || tlsCert != nil || tlsKey != nil || tlsInsecure
    guard isAsked else { return }
    for (option, file) in [("--tls-ca", tlsCa), ("--tls-cert", tlsCert), ("--tls-key", tlsKey)] {
      guard let file else { continue }
      _ = try InputText.read(file, what: option)
    }
    guard endpoint.tls != nil else {
      throw Failure(what: "TLS options", why: "the URL is not a rediss:// one", code: .usage)
    }
    guard (tlsCert == nil) == (tlsKey == nil) else {
      throw Failure(what: "TLS options", why: "--tls-cert and --tls-key go together", code: .usage)
    }
    endpoint.tls = RedisEndpoint.TLS(
      authorityFile: tlsCa, certificateFile: tlsCert, keyFile: tlsKey, acceptsAnyCertificate: tlsInsecure
    )
    if tlsInsecure {
      Warning.tell("the server's certificate is not checked")
    }
  }

  /// A variable of the environment; an empty one counts as none.
  private static func environment(_ name: String) -> String? {
    ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
  }
}
