// Loaded first into what run.mjs starts. If run.mjs is killed without a chance to pass the signal on, the channel to it
// breaks, and the program is asked to end in its orderly way instead of staying behind as an orphan.
if (process.channel && process.env.PORTCULLIS_LAUNCHER_PID === String(process.ppid)) {
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))
  process.channel.unref()
}
delete process.env.PORTCULLIS_LAUNCHER_PID
