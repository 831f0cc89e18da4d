#pragma once

#include <chrono>
#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "scenarios/player/socket_calls.h"

namespace halfclosed::scenarios {

/// The thread that makes the system calls of a script, one at a time, while the player's goes on with the network: a call
/// may block until a segment comes that stands below it in the script.
///
/// The player's thread starts a call and asks for its end; the call itself touches the SocketCalls, and nobody else does
/// before it has ended. A call that never ends is left behind: the process of the run ends, and the thread with it.
class CallThread {
 public:
    using Clock = std::chrono::steady_clock;
    struct Ended {
        MadeSystemCall made;
        Clock::time_point at;
        std::exception_ptr failure;  ///< what it threw
    };

    CallThread();
    CallThread(const CallThread&) = delete;
    CallThread& operator=(const CallThread&) = delete;

    /// None may be under way.
    void start(std::function<MadeSystemCall()> call);

    /// Its end, once, if it comes within that time. Throws what the call threw.
    std::optional<Ended> wait(std::chrono::microseconds most);

 private:
    struct Shared {
        std::mutex mutex;
        std::condition_variable changed;
        std::function<MadeSystemCall()> call;
        std::optional<Ended> ended;
    };
    static void run(const std::shared_ptr<Shared>& shared);

    std::shared_ptr<Shared> shared_;
};

}  // namespace halfclosed::scenarios
