#pragma once

#include <microhttpd.h>

#include <memory>

#include "http/answer.h"

namespace halfclosed::http {

struct DestroyMhdResponse {
    void operator()(MHD_Response* response) const { MHD_destroy_response(response); }
};
using MhdResponse = std::unique_ptr<MHD_Response, DestroyMhdResponse>;

/// What libmicrohttpd sends of an answer: its text, which is shared and not copied, or its stream, which suspends and resumes
/// the connection. Throws std::bad_alloc.
MhdResponse response_to(const Answer& answer, MHD_Connection* connection);

}  // namespace halfclosed::http
