/** The pages that the nginx image serves, as facts: their bytes are what learners see and what checks compare. */
import { reasonPhrase } from '../http/message.ts';

/** The stock index.html of the image since 1.19: 615 bytes. */
export const welcomePage = `<!DOCTYPE html>
<html>
<head>
<title>Welcome to nginx!</title>
<style>
html { color-scheme: light dark; }
body { width: 35em; margin: 0 auto;
font-family: Tahoma, Verdana, Arial, sans-serif; }
</style>
</head>
<body>
<h1>Welcome to nginx!</h1>
<p>If you see this page, the nginx web server is successfully installed and
working. Further configuration is required.</p>

<p>For online documentation and support please refer to
<a href="http://nginx.org/">nginx.org</a>.<br/>
Commercial support is available at
<a href="http://nginx.com/">nginx.com</a>.</p>

<p><em>Thank you for using nginx.</em></p>
</body>
</html>
`;

/** The same page before 1.19: 612 bytes. */
export const oldWelcomePage = welcomePage.replace(
  /<style>[\s\S]*<\/style>/,
  `<style>
    body {
        width: 35em;
        margin: 0 auto;
        font-family: Tahoma, Verdana, Arial, sans-serif;
    }
</style>`,
);

/** The page for errors of the server itself (/usr/share/nginx/html/50x.html): 497 bytes. */
export const serverErrorPage = `<!DOCTYPE html>
<html>
<head>
<title>Error</title>
<style>
html { color-scheme: light dark; }
body { width: 35em; margin: 0 auto;
font-family: Tahoma, Verdana, Arial, sans-serif; }
</style>
</head>
<body>
<h1>An error occurred.</h1>
<p>Sorry, the page you are looking for is currently unavailable.<br/>
Please try again later.</p>
<p>If you are the system administrator of this resource then you should check
the error log for details.</p>
<p><em>Faithfully yours, nginx.</em></p>
</body>
</html>
`;

/** What nginx makes up for a status without a page of its own. Lines end with CR LF; without a version none is told. */
export function errorPage(status: number, version?: string): string {
  const title = `${status} ${nginxReason(status)}`;
  return [
    '<html>',
    `<head><title>${title}</title></head>`,
    '<body>',
    `<center><h1>${title}</h1></center>`,
    `<hr><center>nginx${version === undefined ? '' : `/${version}`}</center>`,
    '</body>',
    '</html>',
    '',
  ].join('\r\n');
}

/** nginx's words for a status, which differ from the usual ones in places. */
export function nginxReason(status: number): string {
  const own = new Map([
    [302, 'Moved Temporarily'],
    [405, 'Not Allowed'],
    [408, 'Request Time-out'],
    [503, 'Service Temporarily Unavailable'],
    [504, 'Gateway Time-out'],
  ]);
  return own.get(status) ?? reasonPhrase(status);
}

/** /etc/nginx/nginx.conf of the image, without its comments. */
export const mainConfiguration = `user  nginx;
worker_processes  auto;

error_log  /var/log/nginx/error.log notice;
pid        /run/nginx.pid;

events {
    worker_connections  1024;
}

http {
    include       /etc/nginx/mime.types;
    default_type  application/octet-stream;

    log_format  main  '$remote_addr - $remote_user [$time_local] "$request" '
                      '$status $body_bytes_sent "$http_referer" '
                      '"$http_user_agent" "$http_x_forwarded_for"';

    access_log  /var/log/nginx/access.log  main;

    sendfile        on;

    keepalive_timeout  65;

    include /etc/nginx/conf.d/*.conf;
}
`;

/** /etc/nginx/conf.d/default.conf of the image, without its comments. */
export const defaultServer = `server {
    listen       80;
    listen  [::]:80;
    server_name  localhost;

    location / {
        root   /usr/share/nginx/html;
        index  index.html index.htm;
    }

    error_page   500 502 503 504  /50x.html;
    location = /50x.html {
        root   /usr/share/nginx/html;
    }
}
`;
