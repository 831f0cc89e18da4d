#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "exporters/snapshot/snapshot.h"
#include "tracking/reconciliation.h"
#include "tracking/state_end.h"
#include "tracking/tracked_socket.h"

namespace halfclosed::exporters {

/// Something that an operator may want to find again: one line of the log with fields.
struct Event {
    enum class Kind {
        leak_began,
        leak_ended,
        leak_died,
        fin_wait2_expired,
        reconciliation_mismatch,
        scenario_verdict,
    };
    enum class Severity { info, warning };

    Kind kind = Kind::leak_began;
    Severity severity = Severity::info;
    std::string message;  ///< a sentence for a person
    using Value = std::variant<std::string, std::int64_t>;
    /// Lower-case names: "port". The journal has them as HALFCLOSED_PORT; numbers are numbers in JSON.
    std::vector<std::pair<std::string, Value>> fields;

    bool operator==(const Event&) const = default;
};

const char* name(Event::Kind kind);

/// The value of a field as text.
std::string text_of(const Event::Value& value);

/// `owner` may be null.
Event leak_began(const tracking::TrackedSocket& socket, const Owner* owner, Instant now);
/// `how`: closed, aborted or unknown.
Event leak_ended(const tracking::TrackedSocket& socket, const Owner* owner, const std::string& how,
                 Instant now);

/// The socket was reset or ended, and its descriptor stays open.
Event leak_died(const tracking::TrackedSocket& socket, const Owner* owner, Instant now);

/// It sends again: it was a half-close on purpose, and no leak.
Event leak_resumed(const tracking::TrackedSocket& socket, const Owner* owner, Instant now);
Event fin_wait2_expired(const tracking::StateEnd& end);
Event reconciliation_mismatch(const std::string& field, const tracking::Reconciled& counts);
Event scenario_verdict(const std::string& scenario, bool passed, const std::string& why);

}  // namespace halfclosed::exporters
