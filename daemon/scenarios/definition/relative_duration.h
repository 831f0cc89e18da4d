#pragma once

#include <chrono>
#include <string>

#include "records/instant.h"

namespace halfclosed::scenarios {

/// What a run decides about times: the parameters in which a scenario's spans are expressed.
struct RunParameters {
    std::chrono::seconds fin_timeout;  ///< net.ipv4.tcp_fin_timeout of the namespace
    Duration hold;                     ///< how long a leak is held

    static constexpr std::chrono::seconds kFinTimeout{2};
    static constexpr std::chrono::seconds kHold{1};

    // Not explicit: most spans know the timeout alone.
    RunParameters(std::chrono::seconds timeout = kFinTimeout, Duration held = kHold)
        : fin_timeout(timeout), hold(held) {}

    bool operator==(const RunParameters&) const = default;
};

/// A stretch of time, in part in parameters of the run: "60ms", "fin_timeout", "fin_timeout + 1s",
/// "fin_timeout + hold + 10s".
struct RelativeDuration {
    bool fin_timeout = false;
    Duration fixed{0};
    bool hold = false;

    Duration in(const RunParameters& parameters) const {
        return fixed + (fin_timeout ? Duration{parameters.fin_timeout} : Duration{0}) +
               (hold ? parameters.hold : Duration{0});
    }
    bool operator==(const RelativeDuration&) const = default;
};

/// "2s": whole seconds from 1s to 60s. Throws std::invalid_argument.
///
/// A FIN-WAIT-2 that nobody holds is a minisock for the whole of its time only up to TCP_TIMEWAIT_LEN, 60 s
/// (net/ipv4/tcp.c:__tcp_close); the sysctl has whole seconds.
std::chrono::seconds parse_fin_timeout(const std::string& text);

/// "10m": at most a day. Throws std::invalid_argument.
Duration parse_hold(const std::string& text);

}  // namespace halfclosed::scenarios
