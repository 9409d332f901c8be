import ArgumentParser
import Foundation
import Redis

/// Which Redis, and how to get into it: the options of every command.
struct CommonOptions: ParsableArguments {
  @Option(help: "The Redis: redis://, rediss:// or unix:// URL. Also REDIS_URL; else redis://127.0.0.1:6379.")
  var url: String?

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

  /// The options with those of the settings file, and the environment, below them.
  func resolved() throws -> Settings {
    let file = try SettingsFile.read(config)
    let environment = ProcessInfo.processInfo.environment
    var endpoint = try RedisEndpoint(url: url ?? environment["REDIS_URL"] ?? file.url ?? "redis://127.0.0.1:6379")
    if let passwordFile {
      guard let text = try? String(contentsOfFile: passwordFile, encoding: .utf8) else {
        throw Failure(what: "--password-file", why: "cannot read \(passwordFile)", code: .badInput)
      }
      endpoint.password = text.trimmingCharacters(in: .whitespacesAndNewlines)
    } else if endpoint.password == nil, let password = environment["REDIS_PASSWORD"], !password.isEmpty {
      endpoint.password = password
    }
    try applyTLS(to: &endpoint)
    let prefix = prefix ?? file.prefix ?? "bull"
    guard !prefix.isEmpty else { throw Failure(what: "--prefix", why: "it is empty", code: .usage) }
    return Settings(endpoint: endpoint, prefix: prefix, theme: file.theme)
  }

  private func applyTLS(to endpoint: inout RedisEndpoint) throws {
    let isAsked = tlsCa != nil || tlsCert != nil || tlsKey != nil || tlsInsecure
    guard isAsked else { return }
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
      FileHandle.standardError.write(Data("bullflow: warning: the server's certificate is not checked\n".utf8))
    }
  }
}

/// What a command works with.
struct Settings {
  var endpoint: RedisEndpoint
  var prefix: String
  var theme: String?

  func client() -> RedisClient {
    RedisClient(configuration: RedisConfiguration(endpoint: endpoint))
  }
}
