#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

#include "exporters/auth/access_policy.h"
#include "exporters/http/routes.h"
#include "exporters/http/viewers.h"
#include "exporters/metrics/metrics_page.h"

namespace halfclosed::exporters {

/// Answers that are made once for all who ask for the same within a second, or of the same snapshot where nothing else
/// is told: a crowd costs what one client does, and slow readers share one copy. Thread-safe.
class ResponseCache {
 public:
    static constexpr std::chrono::seconds kKeptFor{1};
    /// An answer of so many bytes more is kept a second longer, and is let go no sooner: making it anew is dear. What is of
    /// the snapshot alone ends with it, whatever its size.
    static constexpr std::size_t kKeptLongerPer = std::size_t{2} * 1024 * 1024;
    /// What answers may hold in memory that were replaced, or made for one reader alone, while they are being read.
    static constexpr std::size_t kMostBeingRead = std::size_t{8} * 1024 * 1024;

    using AccessPolicy = std::shared_ptr<const auth::AccessPolicy>;
    /// Ends those who read this text.
    using Release = std::function<void(const std::string* text)>;

    explicit ResponseCache(Release release) : release_(std::move(release)) {}

    /// The answer to the request; kept if it is 200, which only a handful of paths are. The access policy's headers
    /// go before the answer's; it may be null.
    http::Answer respond(const http::Request& request,
                         const std::shared_ptr<const Snapshot>& snapshot,
                         const AccessPolicy& access_policy, Instant now);

    /// Keeps nothing for those who come later but what is dear to make.
    void forget();

 private:
    struct Kept {
        Instant made;
        http::Answer answer;
        std::size_t viewers = 0;  ///< as it was told how many there are
    };
    using Key = std::tuple<std::string, bool, MetricsFormat>;  ///< path, whether gzip is taken

    static std::chrono::nanoseconds kept_for(const http::Answer& answer);

    /// Under mutex_.
    void replace(bool all);  ///< else but what is dear to make
    /// Of an answer that says when to ask again: its reader is a viewer for as long.
    void count_viewer(const std::string& path, const Snapshot* snapshot, std::size_t viewers,
                      Instant now);
    void bound_texts_being_read();

    Release release_;
    std::mutex mutex_;
    // Under mutex_:
    std::weak_ptr<const Snapshot> snapshot_;  ///< what kept_ was made of
    AccessPolicy access_policy_;
    std::map<Key, Kept> kept_;
    Viewers viewers_;
    std::vector<std::weak_ptr<const std::string>> replaced_;  ///< the oldest first
};

/// `wanted` goes before what the answer has; an empty value takes a header away.
http::Answer with_headers(http::Answer answer, const ResponseCache::AccessPolicy& access_policy);

}  // namespace halfclosed::exporters
