import Redis

/// The scripts by which queues change: each is one atomic step.
enum Scripts {
  static let addFlow = script(
    "addFlow", PackageResources.deduplication_lua + PackageResources.addFlow_lua)
  static let parentsAmong = script("parentsAmong", PackageResources.parentsAmong_lua, isReadOnly: true)
  static let removeJob = script("removeJob", PackageResources.removeJob_lua)
  static let removeUnprocessedChildren = script(
    "removeUnprocessedChildren", PackageResources.removeUnprocessedChildren_lua)
  static let removeChildDependency = script("removeChildDependency", PackageResources.removeChildDependency_lua)
  static let forgetJob = script("forgetJob", PackageResources.forgetJob_lua)
  static let retryJob = script("retryJob", PackageResources.retryJob_lua)
  static let placeLost = script("placeLost", PackageResources.placeLost_lua)
  static let changeJob = script("changeJob", PackageResources.changeJob_lua)
  static let pauseQueue = script("pauseQueue", PackageResources.pauseQueue_lua)
  static let removeJobs = script("removeJobs", PackageResources.removeJobs_lua)
  static let removeOrphans = script("removeOrphans", PackageResources.removeOrphans_lua)
  static let moveJobs = script("moveJobs", PackageResources.moveJobs_lua)
  static let exchange = script(
    "exchange",
    PackageResources.kinds_lua + PackageResources.adding_lua + PackageResources.deduplication_lua
      + PackageResources.requeueing_lua + PackageResources.finishing_lua + PackageResources.taking_lua
      + PackageResources.exchange_lua)
  static let extendLocks = script("extendLocks", PackageResources.extendLocks_lua)
  static let leaveActive = script("leaveActive", PackageResources.kinds_lua + PackageResources.leaveActive_lua)
  static let continueScheduler = script(
    "continueScheduler", PackageResources.adding_lua + PackageResources.continueScheduler_lua)
  static let upsertScheduler = script(
    "upsertScheduler", PackageResources.adding_lua + PackageResources.upsertScheduler_lua)
  static let removeScheduler = script(
    "removeScheduler", PackageResources.adding_lua + PackageResources.removeScheduler_lua)
  static let removeDeduplicationKey = script("removeDeduplicationKey", PackageResources.removeDeduplicationKey_lua)
  static let recoverStalled = script(
    "recoverStalled", PackageResources.kinds_lua + PackageResources.recoverStalled_lua)
  static let dropDependencies = script("dropDependencies", PackageResources.dropDependencies_lua)
  static let retryFailed = script("retryFailed", PackageResources.retryFailed_lua)
  static let cancelJob = script("cancelJob", PackageResources.cancelJob_lua)
  static let wakeWorker = script("wakeWorker", PackageResources.wakeWorker_lua)

  /// A script, with the functions that all of them share in front.
  private static func script(_ name: String, _ source: [UInt8], isReadOnly: Bool = false) -> RedisScript {
    RedisScript(
      name: name, source: LuaNames.resolve(PackageResources.keys_lua + PackageResources.queue_lua + source),
      isReadOnly: isReadOnly)
  }
}
