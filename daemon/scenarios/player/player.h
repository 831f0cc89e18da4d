#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "scenarios/packetdrill/command.h"
#include "scenarios/packetdrill/result.h"
#include "scenarios/packetdrill/script.h"
#include "scenarios/player/call_thread.h"
#include "scenarios/player/play_settings.h"
#include "scenarios/player/script_link.h"
#include "scenarios/player/state_judge.h"

namespace halfclosed::scenarios {

/// Plays a script in the network namespace that it is made in, which is new and is thrown away. Two threads: the caller's
/// has the clock, the link and the judge; a CallThread makes the system calls.
///
/// The kernel is judged by what the script says it sends and returns, and when; after each event our own reading of its
/// sockets by what the script makes of the connection.
class Player {
 public:
    /// Throws packetdrill::NotSupportedError, std::system_error, netlink::Error.
    Player(const packetdrill::Script& script, const PlaySettings& settings);

    /// Once. Never throws for what the script or the kernel does.
    packetdrill::Result play();

 private:
    using Clock = std::chrono::steady_clock;
    /// What comes later than this is told as nothing at all.
    static constexpr std::chrono::seconds kLateness{1};
    struct Pending {
        std::size_t line;
        packetdrill::Call call;
        packetdrill::ScriptTime due;                     ///< to begin
        std::optional<packetdrill::ScriptTime> returns;  ///< nothing: at once
    };

    void run_commands(const std::string& text, std::size_t line, unsigned depth = 0);
    void run_file(const std::string& path, std::size_t line, unsigned depth);
    void set_sysctl(const packetdrill::SetSysctl& sysctl, std::size_t line, bool optional);

    void play(const packetdrill::Event& event);
    packetdrill::ScriptTime due(const packetdrill::When& when) const;
    void wait_until(packetdrill::ScriptTime time);
    void perform(const packetdrill::Event& event, packetdrill::ScriptTime due);
    void call(const packetdrill::Event& event, const packetdrill::Call& call,
              packetdrill::ScriptTime due);
    void expect(const packetdrill::Event& event, const packetdrill::Segment& expected,
                packetdrill::ScriptTime due);
    void check_code(const packetdrill::Event& event, const std::string& code);

    bool poll_call(std::chrono::microseconds most);
    void finish_call();
    void returned(const Pending& pending, const CallThread::Ended& ended);
    void check_time(std::size_t line, Clock::time_point at, packetdrill::ScriptTime from,
                    packetdrill::ScriptTime until, const std::string& what) const;

    void begin_step(std::size_t line, const std::string& event);
    void judge(std::size_t line);

    packetdrill::ScriptTime now() const;
    Clock::time_point live(packetdrill::ScriptTime time) const { return start_ + time; }

    const packetdrill::Script& script_;
    PlaySettings settings_;
    packetdrill::Result result_;
    ScriptLink link_;
    SocketCalls calls_;
    CallThread thread_;
    StateJudge judge_;
    Clock::time_point start_;
    packetdrill::ScriptTime last_event_{0};       ///< when it began
    packetdrill::ScriptTime last_event_done_{0};  ///< and when it was over
    std::optional<Pending> pending_;
    std::optional<std::int64_t> connection_;  ///< the script's descriptor of it
};

}  // namespace halfclosed::scenarios
