#include "scenarios/definition/script_expectation.h"

#include <algorithm>
#include <utility>

#include "scenarios/programs/script.h"

namespace halfclosed::scenarios {

namespace {

using Kind = programs::Action::Kind;

/// The steps up to one after which no other comes.
programs::Script script_of(const Actor& actor) {
    programs::Script script;
    for (const std::string& step : actor.script) {
        script.push_back(programs::parse_action(step).value_or(programs::Action{}));
        if (script.back().kind == Kind::pause || script.back().kind == Kind::exit) {
            break;
        }
    }
    return script;
}

/// What a script's read() calls return of the peer's data.
class Received {
 public:
    explicit Received(const programs::Script& peer) {
        for (const programs::Action& action : peer) {
            if (action.kind == Kind::write) {
                unread_ += action.operand;
                ++writes_;
            }
        }
    }

    /// Nothing if it is not certain: several writes may come in one segment, and a long one in several.
    std::optional<std::int64_t> read() {
        constexpr std::uint64_t kOneRead =
            2048;  // well below a read()'s 4096 bytes and loopback's segments
        if (writes_ > 1 || unread_ > kOneRead) {
            return std::nullopt;
        }
        return static_cast<std::int64_t>(std::exchange(unread_, 0));
    }

    bool all_read() const { return unread_ == 0; }

 private:
    std::uint64_t unread_ = 0;
    std::size_t writes_ = 0;
};

std::string call_name(Kind kind) {
    switch (kind) {
        case Kind::connect:
            return "connect";
        case Kind::shut_down_write:
            return "shutdown";
        case Kind::close:
            return "close";
        case Kind::receive_buffer:
        case Kind::linger:
        case Kind::drop_incoming:
        case Kind::drop_nothing:
            return "setsockopt";
        default:
            return {};
    }
}

}  // namespace

std::optional<std::vector<ExpectedCall>> calls_of_script(const PerSide<Actor>& actors, Side side) {
    const programs::Script script = script_of(actors.of(side));
    Received received(script_of(actors.of(other(side))));
    if (script.empty() || actors.of(other(side)).script.empty()) {
        return std::nullopt;
    }
    std::vector<ExpectedCall> calls;
    if (side == Side::server) {
        calls.push_back({"listen", 0, ""});
    }
    bool reset = false;
    for (const programs::Action& action : script) {
        if (action.kind == Kind::accept) {
            calls.push_back({"accept", std::nullopt, ""});
        } else if (action.kind == Kind::write) {
            calls.push_back(
                reset ? ExpectedCall{"write", -1, "EPIPE"}
                      : ExpectedCall{"write", static_cast<std::int64_t>(action.operand), ""});
        } else if (action.kind == Kind::read || action.kind == Kind::read_to_end) {
            const bool data = !received.all_read();
            const auto result = received.read();
            if (!result) {
                return std::nullopt;
            }
            calls.push_back({"read", *result, ""});
            if (data && action.kind == Kind::read_to_end) {
                calls.push_back({"read", 0, ""});
            }
        } else if (const std::string name = call_name(action.kind); !name.empty()) {
            calls.push_back({name, 0, ""});
        }
        reset = reset || action.kind == Kind::await_reset;
    }
    return calls;
}

std::optional<std::optional<Exit>> exit_of_script(const PerSide<Actor>& actors, Side side,
                                                  const std::vector<Step>& steps) {
    const programs::Script script = script_of(actors.of(side));
    if (script.empty()) {
        return std::nullopt;
    }
    for (const Step& step : steps) {
        const bool awaited =
            std::any_of(script.begin(), script.end(), [&step](const programs::Action& action) {
                return action.kind == Kind::wait &&
                       action.operand == static_cast<std::uint64_t>(step.signal);
            });
        if (step.to == side && !awaited) {
            return Exit{true, step.signal};
        }
    }
    const programs::Action& last = script.back();
    if (last.kind == Kind::pause) {
        return std::optional<Exit>();
    }
    return Exit{false, last.kind == Kind::exit ? static_cast<int>(last.operand) : 0};
}

}  // namespace halfclosed::scenarios
