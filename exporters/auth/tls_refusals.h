#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

struct gnutls_session_int;

namespace halfclosed::auth {

/// Tells a client by an alert why it is turned away (RFC 8446, 6.2), and the log, once in ten seconds. Thread-safe.
class TlsRefusals {
 public:
    /// `alert` is one of gnutls_alert_description_t.
    void refuse(gnutls_session_int* session, int alert, const std::string& why);

 private:
    static constexpr std::chrono::seconds kBetweenLines{10};

    std::mutex mutex_;
    // Under mutex_:
    std::chrono::steady_clock::time_point told_{};
    std::uint64_t untold_ = 0;
};

}  // namespace halfclosed::auth
