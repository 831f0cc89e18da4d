#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "records/endpoint.h"
#include "scenarios/packetdrill/script.h"

namespace halfclosed::scenarios {

/// What a call of a script came to.
struct MadeSystemCall {
    std::int64_t result = 0;  ///< a new descriptor as the script numbers it
    int error = 0;            ///< errno, if the result is -1
    std::string difference;   ///< of what it stored from what the script says; empty: none
};

/// Makes the system calls of a script, with its numbers of descriptors. One call at a time.
class SocketCalls {
 public:
    struct Ends {
        Endpoint local;   ///< what bind(…, ...) binds to
        Endpoint remote;  ///< what connect(…, ...) connects to
    };

    /// `judges_buffers`: whether the sizes of buffers must be what the script says.
    SocketCalls(const Ends& ends, bool judges_buffers)
        : ends_(ends), judges_buffers_(judges_buffers) {}

    /// Closes every descriptor that is open still.
    ~SocketCalls();
    SocketCalls(const SocketCalls&) = delete;
    SocketCalls& operator=(const SocketCalls&) = delete;

    /// Throws packetdrill::NotSupportedError with `line` for a call, a name or an argument that is not known here.
    static void check(const packetdrill::Call& call, std::size_t line);

    /// Throws packetdrill::NotSupportedError.
    MadeSystemCall make(const packetdrill::Call& call, std::size_t line);

    /// A member of the struct tcp_info of a socket, by its name. Throws packetdrill::NotSupportedError for another name.
    std::int64_t tcp_info(std::int64_t descriptor, const std::string& member,
                          std::size_t line) const;

 private:
    int live(std::int64_t descriptor) const;
    MadeSystemCall open(int live, const packetdrill::Call& call);
    int make_socket(const packetdrill::Call& call) const;
    long transfer(const packetdrill::Call& call, std::size_t line) const;
    long set_option(const packetdrill::Call& call, std::size_t line) const;
    long get_option(const packetdrill::Call& call, std::size_t line, std::string& difference) const;
    long control(const packetdrill::Call& call, std::string& difference) const;
    static bool opens(const std::string& name);

    Ends ends_;
    bool judges_buffers_;
    std::map<std::int64_t, int> live_;
};

}  // namespace halfclosed::scenarios
