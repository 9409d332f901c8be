import Redis

/// One call of a script among several.
struct ScriptCall {
  var keys: [String]
  var arguments: [RedisCommand.Argument]
}

extension RedisClient {
  /// Runs a script several times, some calls in one write.
  ///
  /// - Throws: `RedisError`, the first error reply included.
  func run(_ script: RedisScript, _ calls: [ScriptCall], atOnce: Int = 4) async throws -> [RESPValue] {
    var replies: [RESPValue] = []
    for first in stride(from: 0, to: calls.count, by: atOnce) {
      let portion = calls[first..<min(first + atOnce, calls.count)]
      if portion.count == 1, let call = portion.first {
        replies.append(try await run(script, keys: call.keys, arguments: call.arguments))
        continue
      }
      var commands: [RedisCommand] = []
      for call in portion {
        commands.append(try await command(running: script, keys: call.keys, arguments: call.arguments))
      }
      for (call, reply) in zip(portion, try await rawReplies(to: commands)) {
        guard let line = reply.errorLine else {
          replies.append(reply)
          continue
        }
        // A server that has forgotten the script gets it again, by the call that does so.
        guard line.hasPrefix("NOSCRIPT") else { throw RedisError.reply(command: script.name, line: line) }
        replies.append(try await run(script, keys: call.keys, arguments: call.arguments))
      }
    }
    return replies
  }
}
