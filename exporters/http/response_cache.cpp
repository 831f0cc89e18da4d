#include "exporters/http/response_cache.h"

#include <new>

#include "exporters/http/gzip.h"

namespace halfclosed::exporters {

namespace {

using Headers = std::map<std::string, std::string>;

/// `wanted` goes before what the answer has; an empty value takes a header away.
void put_headers(MHD_Response* response, const HttpAnswer& answer, const Headers& wanted) {
    Headers headers(answer.headers.begin(), answer.headers.end());
    for (const auto& [name, value] : wanted) {
        headers[name] = value;
    }
    for (const auto& [name, value] : headers) {
        if (!value.empty()) {
            MHD_add_response_header(response, name.c_str(), value.c_str());
        }
    }
}

Response response_of(HttpAnswer answer, const ResponseCache::AccessPolicy& access_policy) {
    auto body = std::make_unique<std::string>(std::move(answer.body));
    Response response(MHD_create_response_from_buffer_with_free_callback_cls(
        body->size(), body->data(), [](void* owned) { delete static_cast<std::string*>(owned); },
        body.get()));
    if (!response) {
        throw std::bad_alloc();
    }
    static_cast<void>(body.release());  // the response's from here on
    put_headers(response.get(), answer, access_policy ? access_policy->headers() : Headers{});
    return response;
}

}  // namespace

std::pair<MHD_Response*, unsigned> ResponseCache::respond(
    const HttpRequest& request, const std::shared_ptr<const Snapshot>& snapshot,
    const AccessPolicy& access_policy, Instant now) {
    if (snapshot != snapshot_ || access_policy != access_policy_) {
        kept_.clear();
        snapshot_ = snapshot;
        access_policy_ = access_policy;
    }
    const bool reads = request.method == "GET" || request.method == "HEAD";
    const Key key{request.path, accepts_gzip(request.accept_encoding)};
    const auto found = reads ? kept_.find(key) : kept_.end();
    if (found != kept_.end() && now - found->second.made < kKeptFor) {
        return {found->second.response.get(), 200};
    }
    HttpAnswer made = answer(request, snapshot.get(), now);
    const unsigned status = made.status;
    Response response = response_of(std::move(made), access_policy);
    if (reads && status == 200) {
        Kept& kept = kept_[key];
        kept = {now, std::move(response)};
        return {kept.response.get(), status};
    }
    not_kept_ = std::move(response);
    return {not_kept_.get(), status};
}

std::pair<MHD_Response*, unsigned> ResponseCache::respond(HttpAnswer answer,
                                                          const AccessPolicy& access_policy) {
    const unsigned status = answer.status;
    not_kept_ = response_of(std::move(answer), access_policy);
    return {not_kept_.get(), status};
}

}  // namespace halfclosed::exporters
