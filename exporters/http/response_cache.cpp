#include "exporters/http/response_cache.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "exporters/http/gzip.h"
#include "exporters/json/live_json.h"

namespace halfclosed::exporters {

namespace {

/// What these say is the snapshot's alone, as long as that is fresh: they are made once for each.
constexpr std::string_view kLive = "/api/v1/live";
constexpr std::array<std::string_view, 2> kOfTheSnapshot{"/", kLive};

bool of_the_snapshot(const std::string& path) {
    return std::find(kOfTheSnapshot.begin(), kOfTheSnapshot.end(), path) != kOfTheSnapshot.end();
}

// What replace() takes.
constexpr bool kAll = true;
constexpr bool kCheap = false;

}  // namespace

http::Answer with_headers(http::Answer answer, const ResponseCache::AccessPolicy& access_policy) {
    if (access_policy == nullptr) {
        return answer;
    }
    std::map<std::string, std::string> headers(answer.headers.begin(), answer.headers.end());
    for (const auto& [name, value] : access_policy->headers()) {
        headers[name] = value;
    }
    std::erase_if(headers, [](const auto& header) { return header.second.empty(); });
    answer.headers.assign(headers.begin(), headers.end());
    return answer;
}

http::Answer ResponseCache::respond(const http::Request& request,
                                    const std::shared_ptr<const Snapshot>& snapshot,
                                    const AccessPolicy& access_policy, Instant now) {
    const std::lock_guard lock(mutex_);
    if (access_policy != access_policy_ || !snapshot || !snapshot->closing ||
        !snapshot->fresh(now)) {
        replace(kAll);
    } else if (snapshot != snapshot_.lock()) {
        replace(kCheap);
    }
    snapshot_ = snapshot;
    access_policy_ = access_policy;
    const bool keeps = request.reads() && request.query.empty();
    const Key key{request.path, accepts_gzip(request.header("accept-encoding")),
                  accepted_format(request.header("accept"))};
    const auto found = keeps ? kept_.find(key) : kept_.end();
    if (found != kept_.end() && (of_the_snapshot(request.path) ||
                                 now - found->second.made < kept_for(found->second.answer))) {
        count_viewer(request.path, snapshot.get(), found->second.viewers, now);
        return found->second.answer;
    }
    if (found != kept_.end()) {
        replaced_.push_back(found->second.answer.text);
        kept_.erase(found);
    }
    bound_texts_being_read();
    const std::size_t viewers = viewers_.count(now);
    http::Answer made = with_headers(answer(request, snapshot.get(), now, viewers), access_policy);
    if (keeps && made.status == 200) {
        kept_[key] = {now, made, viewers};
        count_viewer(request.path, snapshot.get(), viewers, now);
    } else {
        replaced_.push_back(made.text);
    }
    return made;
}

void ResponseCache::count_viewer(const std::string& path, const Snapshot* snapshot,
                                 std::size_t viewers, Instant now) {
    if (path == kLive && snapshot != nullptr) {
        viewers_.answered(now, live_pause(*snapshot, viewers));
    }
}

void ResponseCache::forget() {
    const std::unique_lock lock(mutex_, std::try_to_lock);
    if (lock) {  // else an answer is being made, and the next call will do
        replace(kCheap);
    }
}

std::chrono::nanoseconds ResponseCache::kept_for(const http::Answer& answer) {
    return kKeptFor + kKeptFor * (answer.body().size() / kKeptLongerPer);
}

void ResponseCache::replace(bool all) {
    std::erase_if(kept_, [this, all](const auto& entry) {
        const http::Answer& answer = entry.second.answer;
        const std::string& path = std::get<std::string>(entry.first);
        if (!all && kept_for(answer) > kKeptFor && !of_the_snapshot(path)) {
            return false;
        }
        replaced_.push_back(answer.text);
        return true;
    });
}

/// Readers who are slow must not hold many versions of a large answer: the oldest go.
void ResponseCache::bound_texts_being_read() {
    std::erase_if(replaced_, [](const auto& text) { return text.expired(); });
    std::size_t held = 0;
    for (auto each = replaced_.rbegin(); each != replaced_.rend(); ++each) {
        const std::shared_ptr<const std::string> text = each->lock();
        held += text ? text->size() : 0;
        if (text && held > kMostBeingRead) {
            release_(text.get());
        }
    }
}

}  // namespace halfclosed::exporters
