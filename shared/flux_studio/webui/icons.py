"""The pictures on our buttons, as data URIs; the host inverts SVG ones in dark mode."""

INFO = (
    "data:image/svg+xml;utf8,"
    "<svg xmlns='http://www.w3.org/2000/svg' fill='none' viewBox='0 0 24 24' stroke-width='1.8' stroke='%234b5563'>"
    "<path stroke-linecap='round' stroke-linejoin='round' d='M11.25 11.25h.75v5.25m9-4.5a9 9 0 1 1-18 0 9 9 0 0 1 18 0Z"
    "M12 8.25h.008v.008H12V8.25Z'/></svg>"
)
