#pragma once

#include <sys/socket.h>

#include <string>

#include "scenarios/programs/call_log.h"
#include "scenarios/programs/script.h"

namespace halfclosed::programs {

/// Blocks every signal that the script waits for, so that one that comes early waits for the
/// script. To be called before anybody can know of the program.
void hold_awaited_signals(const Script& script);

/// Where a client connects to.
struct Destination {
    sockaddr_storage address{};
    socklen_t length = 0;
};

/// Does what a script says, and snapshots every call on the connection. A call that fails is part of
/// the trace: the next step follows.
class ScriptRunner {
 public:
    /// `socket`: a server's listener, or a client's socket, not connected yet. `words`: what is
    /// written, over and over, up to the length asked for.
    ScriptRunner(int socket, Destination destination, std::string words, CallLog& log)
        : listener_(socket),
          socket_(socket),
          destination_(destination),
          words_(std::move(words)),
          log_(log) {}

    /// Returns the exit status: what `exit` says, else 0.
    int run(const Script& script);

 private:
    void perform(const Action& action);
    void accept_one();
    void read_to_end();
    void write_bytes(std::uint64_t count);
    void close_connection();
    void accept_hops(int fewest);
    template <typename Value>
    void set_option(int level, int option, const Value& value);

    int listener_;
    int socket_;  ///< the connection, where there is one
    Destination destination_;
    std::string words_;
    CallLog& log_;
};

}  // namespace halfclosed::programs
