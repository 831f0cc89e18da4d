#include "history/state_names.h"

#include "text/hex.h"

namespace halfclosed::history {

namespace {

template <typename Values>
auto named(const Values& values, const std::string& text) {
    using Value = std::remove_cvref_t<decltype(values[0])>;
    for (const Value value : values) {
        if (text == name(value)) {
            return std::optional(value);
        }
    }
    return std::optional<Value>();
}

constexpr TcpState kStates[] = {TcpState::established, TcpState::syn_sent,   TcpState::syn_recv,
                                TcpState::fin_wait1,   TcpState::fin_wait2,  TcpState::time_wait,
                                TcpState::close,       TcpState::close_wait, TcpState::last_ack,
                                TcpState::listen,      TcpState::closing};

constexpr tracking::Age::Kind kKinds[] = {
    tracking::Age::Kind::observed, tracking::Age::Kind::estimated, tracking::Age::Kind::at_least,
    tracking::Age::Kind::exact};

constexpr tracking::Evidence kEvidence[] = {tracking::Evidence::seen, tracking::Evidence::implied,
                                            tracking::Evidence::exact};

}  // namespace

std::optional<TcpState> state_named(const std::string& text) {
    return named(kStates, text);
}

tracking::Custody custody_named(const std::string& text) {
    return named(tracking::kCustodies, text).value_or(tracking::Custody::process);
}

std::optional<tracking::Cause> cause_named(const std::string& text) {
    return named(tracking::kCauses, text);
}

tracking::Age::Kind age_kind_named(const std::string& text) {
    return named(kKinds, text).value_or(tracking::Age::Kind::at_least);
}

std::optional<tracking::Evidence> evidence_named(const std::string& text) {
    return named(kEvidence, text);
}

std::string file_uri(const std::string& path) {
    std::string uri = "file:";
    for (const char c : path) {
        if (c == '%' || c == '?' || c == '#') {
            uri += '%' + text::to_hex(std::string_view(&c, 1));
        } else {
            uri += c;
        }
    }
    return uri;
}

}  // namespace halfclosed::history
