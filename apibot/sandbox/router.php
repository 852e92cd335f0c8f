<?php
// The built-in web server asks this script first; false means: serve the file or script of that path as it is.

$apibotPath = rawurldecode( (string)parse_url( $_SERVER['REQUEST_URI'], PHP_URL_PATH ) );

if ( $apibotPath === '/apibot-sandbox' ) {
	// Who is there? With POST, forget what was cached: a maintenance script has changed the data from outside.
	if ( $_SERVER['REQUEST_METHOD'] === 'POST' ) {
		apcu_clear_cache();
	}
	header( 'Content-Type: text/plain' );
	echo getenv( 'APIBOT_SANDBOX_ID' ), ' ', getenv( 'APIBOT_SANDBOX_ROUND' );
	return true;
}

if ( str_starts_with( $apibotPath, '/images/' ) ) {
	$apibotRoot = realpath( dirname( getenv( 'MW_CONFIG_FILE' ) ) . '/data/images' );
	$apibotFile = realpath( $apibotRoot . substr( $apibotPath, strlen( '/images' ) ) );
	if ( $apibotFile === false || !str_starts_with( $apibotFile, "$apibotRoot/" ) || !is_file( $apibotFile ) ) {
		http_response_code( 404 );
		return true;
	}
	header( 'Content-Type: ' . mime_content_type( $apibotFile ) );
	readfile( $apibotFile );
	return true;
}

if ( $apibotPath === '/' || str_starts_with( $apibotPath, '/wiki/' ) ) {
	$_SERVER['SCRIPT_NAME'] = $_SERVER['PHP_SELF'] = '/index.php';
	$_SERVER['SCRIPT_FILENAME'] = $_SERVER['DOCUMENT_ROOT'] . '/index.php';
	unset( $_SERVER['PATH_INFO'] );
	require $_SERVER['SCRIPT_FILENAME'];
	return true;
}

return false;
