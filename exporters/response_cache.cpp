#include "exporters/response_cache.h"

#include <new>

#include "exporters/gzip.h"

namespace halfclosed::exporters {

namespace {

Response response_of(HttpAnswer answer) {
    auto body = std::make_unique<std::string>(std::move(answer.body));
    Response response(MHD_create_response_from_buffer_with_free_callback_cls(
        body->size(), body->data(), [](void* owned) { delete static_cast<std::string*>(owned); },
        body.get()));
    if (!response) {
        throw std::bad_alloc();
    }
    static_cast<void>(body.release());  // the response's from here on
    for (const auto& [name, value] : answer.headers) {
        MHD_add_response_header(response.get(), name.c_str(), value.c_str());
    }
    return response;
}

}  // namespace

std::pair<MHD_Response*, unsigned> ResponseCache::respond(
    const HttpRequest& request, const std::shared_ptr<const Report>& report,
    tracking::Instant now) {
    if (report != report_) {
        kept_.clear();
        report_ = report;
    }
    const bool reads = request.method == "GET" || request.method == "HEAD";
    const Key key{request.path, accepts_gzip(request.accept_encoding)};
    const auto found = reads ? kept_.find(key) : kept_.end();
    if (found != kept_.end() && now - found->second.made < kKeptFor) {
        return {found->second.response.get(), 200};
    }
    HttpAnswer made = answer(request, report.get(), now);
    const unsigned status = made.status;
    Response response = response_of(std::move(made));
    if (reads && status == 200) {
        Kept& kept = kept_[key];
        kept = {now, std::move(response)};
        return {kept.response.get(), status};
    }
    not_kept_ = std::move(response);
    return {not_kept_.get(), status};
}

}  // namespace halfclosed::exporters
