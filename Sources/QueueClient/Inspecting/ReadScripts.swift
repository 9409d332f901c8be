import Redis

/// The scripts that only look: each call takes Redis a millisecond or two.
enum ReadScripts {
  static let inspectJobs = script("inspectJobs", PackageResources.inspectJobs_lua)
  static let readFamily = script("readFamily", PackageResources.readFamily_lua)
  static let listChildren = script("listChildren", PackageResources.listChildren_lua)
  static let listRoots = script("listRoots", PackageResources.listRoots_lua)
  static let looseRoots = script("looseRoots", PackageResources.looseRoots_lua)
  static let sampleRoots = script("sampleRoots", PackageResources.sampleRoots_lua)
  static let lastEvent = script("lastEvent", PackageResources.lastEvent_lua)
  static let climb = script("climb", PackageResources.climb_lua)
  static let surveyJobs = script("surveyJobs", PackageResources.surveyJobs_lua)
  static let pageJobs = script("pageJobs", PackageResources.pageJobs_lua)
  static let readPiece = script("readPiece", PackageResources.readPiece_lua)
  static let readLogs = script("readLogs", PackageResources.readLogs_lua)
  static let checkPending = script("checkPending", PackageResources.checkPending_lua)
  static let sweepParents = script("sweepParents", PackageResources.trouble_lua + PackageResources.sweepParents_lua)
  static let sweepChildren = script("sweepChildren", PackageResources.trouble_lua + PackageResources.sweepChildren_lua)
  static let sweepPlace = script("sweepPlace", PackageResources.trouble_lua + PackageResources.sweepPlace_lua)

  /// What the first picture of the flows takes.
  static let ofFirstPicture = [looseRoots, sampleRoots, listRoots, inspectJobs, readFamily]

  private static func script(_ name: String, _ source: [UInt8]) -> RedisScript {
    RedisScript(
      name: name, source: LuaNames.resolve(PackageResources.keys_lua + PackageResources.inspecting_lua + source),
      isReadOnly: true)
  }
}

extension RedisError {
  /// Whether the server lets nobody, or not us, run scripts.
  public var isScriptRefused: Bool {
    guard case .reply(_, let line) = self else { return false }
    return line.hasPrefix("NOPERM") || line.lowercased().hasPrefix("err unknown command")
      || line.lowercased().hasPrefix("err this instance has") && line.contains("script")
  }
}

/// What a script says of keys that it could not read: each followed by Redis's words.
struct RefusedKeys {
  /// Keys that hold something else than they should.
  var wrongTyped: Set<String> = []
  /// What Redis said of any other key.
  var otherLine: String?

  /// Takes the notes of a script in.
  mutating func add(_ notes: RESPValue?) {
    for (key, line) in notes?.pairs ?? [] { add(key: key, line: line.string ?? "") }
  }

  mutating func add(key: String, line: String) {
    if line.contains("WRONGTYPE") || line.contains("wrong kind of value") {
      wrongTyped.insert(key)
    } else {
      otherLine = otherLine ?? line
    }
  }
}
